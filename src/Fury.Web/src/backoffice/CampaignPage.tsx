import { Modal, Table } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { campaign, type Target } from '../api/office'
import { Empty, Panel, State, type Tone, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { useName } from '../ui/Me'
import { ReasonForm } from '../ui/ReasonForm'
import { ScopeLink } from '../ui/ScopeLink'
import { plain, titled } from '../ui/words'
import { toneOfRun, wavesOf } from './runs'
import { type Order, Orders, Progress, Waves } from './Waves'

const SAYS: Record<Order, string> = {
  stop: 'Nothing more begins until somebody resumes it. What is in flight goes on.',
  resume: 'It goes on where it is. The failures so far are forgiven.',
  abort: 'Nothing more begins, ever, and what is in flight is aborted.',
}

const TONES: Record<string, Tone> = { waiting: 'none', running: 'busy', done: 'ok', failed: 'bad', skipped: 'wait' }

/** A campaign as it goes: its waves, and what became of each scope. */
export function CampaignPage() {
  const { id } = useParams({ from: '/backoffice/campaigns/$id' })
  const { data, error, refetch } = useQuery(campaign(id))
  const [order, setOrder] = useState<Order>()
  if (!data) {
    return error ? <Trouble error={error} retry={() => void refetch()} /> : <Empty title="Asking for the campaign …" />
  }
  return (
    <>
      <Heading
        title={data.name}
        above={<Link to="/backoffice/campaigns">Campaigns</Link>}
        facts={[
          <State key="state" tone={toneOfRun(data)}>
            {titled(data.state)}
          </State>,
          `${plain(data.strategy)}, by ${data.by}`,
          <When key="at" at={data.createdAt} />,
        ]}
        actions={<Orders of={data} may="deploy" ask={setOrder} />}
      />
      <div className={`note ${toneOfRun(data)}`} role="status">
        {data.why} {data.state === 'running' && `It stops at ${data.allowed} failures; ${data.counts.failed} so far.`}
      </div>
      <Panel title="Waves" aside={<span className="quiet">each begins when the one before has ended; at most {data.maxConcurrent} in flight</span>}>
        <div className="body" style={{ paddingBottom: 0 }}>
          <Progress of={data} />
        </div>
        <Waves of={wavesOf(data, data.targets ?? [])} each="scope" />
      </Panel>
      <Panel title="Scopes" aside={<span className="quiet">in the order of their turns, the least critical first</span>}>
        <Targets of={data.targets ?? []} />
      </Panel>
      <Modal opened={!!order} onClose={() => setOrder(undefined)} title={order && `${titled(order)} ${data.name}`} centered>
        {order && <OrderForm id={id} order={order} close={() => setOrder(undefined)} />}
      </Modal>
    </>
  )
}

function Targets({ of }: { of: Target[] }) {
  return (
    <div className="scroll-x" tabIndex={0} role="group" aria-label="Scopes of the campaign">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Wave</Table.Th>
            <Table.Th>Scope</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Why</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.map((one) => {
            const [application = '', scope = ''] = one.scope.split('/')
            return (
              <Table.Tr key={one.scope}>
                <Table.Td className="num">{one.wave}</Table.Td>
                <Table.Td>
                  <ScopeLink of={{ application, scope }} />
                </Table.Td>
                <Table.Td className="num">{one.version ?? <span className="quiet">what it runs</span>}</Table.Td>
                <Table.Td>
                  <State tone={TONES[one.state] ?? 'none'}>{titled(one.state)}</State>
                </Table.Td>
                <Table.Td className="quiet" style={{ maxWidth: 320, overflowWrap: 'anywhere' }}>
                  {one.reason}
                </Table.Td>
                <Table.Td className="end">
                  {one.deployment && (
                    <Link to="/deployments/$id" params={{ id: one.deployment }} className="link" aria-label={`Watch the deployment of ${one.scope}`}>
                      Watch
                    </Link>
                  )}
                </Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function OrderForm({ id, order, close }: { id: string; order: Order; close: () => void }) {
  const client = useQueryClient()
  const by = useName()
  return (
    <ReasonForm
      says={SAYS[order]}
      label={titled(order)}
      send={(reason) => ok(api.POST('/api/v1/campaigns/{id}/{command}', { params: { path: { id, command: order } }, body: { by, reason } }))}
      done={() => (void client.invalidateQueries({ queryKey: ['campaigns'] }), close())}
    />
  )
}

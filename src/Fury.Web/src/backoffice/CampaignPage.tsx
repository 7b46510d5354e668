import { Button, Group, Modal, Table, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { type Campaign, campaign, type Target } from '../api/office'
import { Empty, Panel, State, type Tone, Trouble, When } from '../ui/Bits'
import { FormEnd, useApiForm } from '../ui/form'
import { Heading } from '../ui/Heading'
import { Guard, useName } from '../ui/Me'
import { ScopeLink } from '../ui/ScopeLink'
import { plain, titled } from '../ui/words'
import { Progress, toneOfCampaign } from './CampaignsPage'
import styles from './Campaigns.module.css'

type Order = 'stop' | 'resume' | 'abort'

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
          <State key="state" tone={toneOfCampaign(data)}>
            {titled(data.state)}
          </State>,
          `${plain(data.strategy)}, by ${data.by}`,
          <When key="at" at={data.createdAt} />,
        ]}
        actions={<Orders of={data} ask={setOrder} />}
      />
      <div className={`note ${data.state === 'running' ? 'busy' : data.state === 'stopped' ? 'wait' : data.counts.failed > 0 ? 'wait' : 'ok'}`} role="status">
        {data.why} {data.state === 'running' && `It stops at ${data.allowed} failures; ${data.counts.failed} so far.`}
      </div>
      <Panel title="Waves" aside={<span className="quiet">each begins when the one before has ended; at most {data.maxConcurrent} in flight</span>}>
        <div className="body" style={{ paddingBottom: 0 }}>
          <Progress of={data} />
        </div>
        <Waves of={data} />
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

function Orders({ of, ask }: { of: Campaign; ask: (order: Order) => void }) {
  const possible: Order[] = of.state === 'running' ? ['stop', 'abort'] : of.state === 'stopped' ? ['resume', 'abort'] : []
  return (
    <Group gap={8}>
      {possible.map((one) => (
        <Guard key={one} may="deploy">
          <Button variant={one === 'abort' ? 'outline' : 'default'} color={one === 'abort' ? 'red' : undefined} onClick={() => ask(one)}>
            {titled(one)}
          </Button>
        </Guard>
      ))}
    </Group>
  )
}

function Waves({ of }: { of: Campaign }) {
  return (
    <ol className={styles.waves}>
      {of.waves.map((size, index) => {
        const its = (of.targets ?? []).filter((target) => target.wave === index + 1)
        const over = its.filter((target) => !['waiting', 'running'].includes(target.state)).length
        const isNow = index + 1 === of.wave && !of.endedAt
        return (
          <li key={index} className={styles.wave} data-now={isNow || undefined} aria-current={isNow ? 'step' : undefined}>
            <b>Wave {index + 1}</b>{' '}
            <span className="quiet">
              of {size} {size === 1 ? 'scope' : 'scopes'}
            </span>
            <div className="quiet num">
              {over === size ? 'ended' : isNow ? `${over} of ${size} have ended` : of.endedAt ? 'had no turn' : 'waits for its turn'}
            </div>
          </li>
        )
      })}
    </ol>
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
  const { form, rest, isPending, submit } = useApiForm({
    initial: { reason: '' },
    send: ({ reason }) => ok(api.POST('/api/v1/campaigns/{id}/{command}', { params: { path: { id, command: order } }, body: { by, reason } })),
    done: () => (void client.invalidateQueries({ queryKey: ['campaigns'] }), close()),
  })
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate>
      <div>{SAYS[order]}</div>
      <TextInput label="Why" withAsterisk data-autofocus {...form.getInputProps('reason')} data-path="reason" />
      <FormEnd rest={rest} isPending={isPending} label={titled(order)} />
    </form>
  )
}

import { Button, Group, Modal, Table } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { type Upgrade, upgrade, type UpgradeTarget } from '../api/office'
import { Empty, Panel, State, type Tone, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { Guard, useName } from '../ui/Me'
import { ReasonForm } from '../ui/ReasonForm'
import { counted, span, titled } from '../ui/words'
import { toneOfRun, wavesOf } from './runs'
import { canBeLeftOut, hasNoTurn, isUnproven, moverOf } from './upgrades'
import { type Order, Orders, Progress, Waves } from './Waves'
import styles from './Waves.module.css'

/** Of all of it, or of one cluster. */
type Asked = { order: Order } | { order: 'approve' | 'skip'; cluster: string }

const SAYS: Record<Asked['order'], string> = {
  stop: 'Nothing more begins until somebody resumes it, and what is being emptied takes work again. A control plane that is on its way goes on.',
  resume: 'It goes on where it is, and what has failed is tried again.',
  abort: 'Nothing more begins, ever, and what is being emptied takes work again. A control plane that is on its way goes on.',
  approve: 'It is upgraded at its turn, although none of its shape has gone well before. Who has begun the upgrade cannot approve it.',
  skip: 'It has no turn in this upgrade any more, and takes work again if it was emptied for it.',
}

const WORDS: Record<Asked['order'], string> = { stop: 'Stop', resume: 'Resume', abort: 'Abort', approve: 'Approve', skip: 'Leave out' }

const TONES: Record<UpgradeTarget['state'], Tone> = {
  waiting: 'none',
  emptying: 'busy',
  upgrading: 'busy',
  soaking: 'busy',
  done: 'ok',
  failed: 'bad',
  skipped: 'none',
}

/** An upgrade as it goes: its waves, and what became of each cluster. */
export function UpgradePage() {
  const { id } = useParams({ from: '/backoffice/upgrades/$id' })
  const { data, error, refetch } = useQuery(upgrade(id))
  const [asked, setAsked] = useState<Asked>()
  if (!data) {
    return error ? <Trouble error={error} retry={() => void refetch()} /> : <Empty title="Asking for the upgrade …" />
  }
  const all = data.clusters ?? []
  return (
    <>
      <Heading
        title={data.name}
        above={<Link to="/backoffice/upgrades">Upgrades</Link>}
        facts={[
          <State key="state" tone={toneOfRun(data)}>
            {titled(data.state)}
          </State>,
          `to ${data.version}, ${data.emptyFirst ? 'each emptied first' : 'in place'}, by ${data.by}`,
          <When key="at" at={data.createdAt} />,
        ]}
        actions={<Orders of={data} may="operate" ask={(order) => setAsked({ order })} />}
      />
      <div className={`note ${toneOfRun(data)}`} role="status">
        {data.why} {data.state === 'running' && `It stops at ${counted(data.stopAfter, 'failure')}; ${data.counts.failed} so far.`}
      </div>
      <Panel
        title="Waves"
        aside={
          <span className="quiet">
            each begins when the one before was well for {span(data.soakSeconds)}; at most {data.maxConcurrent} at once, one in each region
          </span>
        }
      >
        <div className="body" style={{ paddingBottom: 0 }}>
          <Progress of={data} />
        </div>
        <Waves of={wavesOf(data, all.filter((one) => !hasNoTurn(one)))} each="cluster" />
      </Panel>
      <Panel title="Clusters" aside={<span className="quiet">in the order of their turns, the least critical first</span>}>
        <div className="scroll-x" tabIndex={0} role="group" aria-label="Clusters of the upgrade">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Wave</Table.Th>
                <Table.Th>Cluster</Table.Th>
                <Table.Th>Region</Table.Th>
                <Table.Th>Criticality</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((one) => (
                <Line key={one.cluster} of={one} upgrade={data} ask={(order) => setAsked({ order, cluster: one.cluster })} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Panel>
      <Modal opened={!!asked} onClose={() => setAsked(undefined)} title={asked && `${WORDS[asked.order]} ${subjectOf(asked, data)}`} centered>
        {asked && <OrderForm id={id} asked={asked} close={() => setAsked(undefined)} />}
      </Modal>
    </>
  )
}

const subjectOf = (asked: Asked, { name }: Upgrade) => ('cluster' in asked ? asked.cluster : name)

function Line({ of, upgrade, ask }: { of: UpgradeTarget; upgrade: Upgrade; ask: (order: 'approve' | 'skip') => void }) {
  const isAsked = isUnproven(of)
  return (
    <Table.Tr>
      <Table.Td className="num">{hasNoTurn(of) ? '–' : of.wave}</Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <b style={{ fontWeight: 560 }}>{of.cluster}</b>
        {!hasNoTurn(of) && <div className="quiet">{moverOf(of)}</div>}
      </Table.Td>
      <Table.Td>{of.region}</Table.Td>
      <Table.Td>{titled(of.criticality)}</Table.Td>
      <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>
        {of.from ?? 'not known'} → {upgrade.version}
      </Table.Td>
      <Table.Td>
        <State tone={isAsked ? 'wait' : TONES[of.state]}>{titled(of.state)}</State>
        <div className="quiet">
          <When at={of.since} />
        </div>
      </Table.Td>
      <Table.Td className="quiet" style={{ minWidth: 200, maxWidth: 340, overflowWrap: 'anywhere' }}>
        {of.reason}
        {of.approvedBy && <div>Approved by {of.approvedBy}.</div>}
        {isAsked && <Difference of={of} />}
      </Table.Td>
      <Table.Td className="end">
        {!upgrade.endedAt && (
          <Group gap={6} justify="flex-end" wrap="nowrap">
            {isAsked && (
              <Guard may="approve">
                <Button onClick={() => ask('approve')} aria-label={`Approve ${of.cluster}`}>
                  Approve
                </Button>
              </Guard>
            )}
            {canBeLeftOut(of) && (
              <Guard may="operate">
                <Button variant="default" onClick={() => ask('skip')} aria-label={`Leave out ${of.cluster}`}>
                  Leave out
                </Button>
              </Guard>
            )}
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

/** What sets it apart from what has gone well before. */
function Difference({ of }: { of: UpgradeTarget }) {
  return of.difference?.length ? (
    <ul className={styles.difference} aria-label={`What sets ${of.cluster} apart`}>
      {of.difference.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  ) : (
    <div>No shape has gone well before, so there is none to compare it with.</div>
  )
}

function OrderForm({ id, asked, close }: { id: string; asked: Asked; close: () => void }) {
  const client = useQueryClient()
  const by = useName()
  const send = (reason: string) => {
    const body = { by, reason }
    if (!('cluster' in asked)) {
      return ok(api.POST('/api/v1/upgrades/{id}/{command}', { params: { path: { id, command: asked.order } }, body }))
    }
    const of = { params: { path: { id, cluster: asked.cluster } }, body }
    return ok(
      asked.order === 'approve'
        ? api.POST('/api/v1/upgrades/{id}/clusters/{cluster}/approve', of)
        : api.POST('/api/v1/upgrades/{id}/clusters/{cluster}/skip', of),
    )
  }
  return (
    <ReasonForm
      says={SAYS[asked.order]}
      label={WORDS[asked.order]}
      send={send}
      done={() => (void client.invalidateQueries({ queryKey: ['upgrades'] }), close())}
    />
  )
}

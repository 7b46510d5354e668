import { Table } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { capacity, type Capacity, holdings } from '../api/office'
import { fleet } from '../api/queries'
import type { Deployment } from '../api/types'
import { Empty, Panel, State, Trouble } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { ScopeLink } from '../ui/ScopeLink'
import { nameOf, titled, toneOf } from '../ui/words'
import styles from './Office.module.css'
import { dollars, HOURS_A_MONTH, idleCostOf, isIdle, sumByScope } from './rooms'

const HELD_MAX = 500

/** What scopes cost by the prices of their clusters, and what would help. */
export function CostPage() {
  const rooms = useQuery(capacity)
  const held = useInfiniteQuery(holdings(undefined, HELD_MAX))
  const moving = useInfiniteQuery(fleet({ ended: false, limit: 100 }))
  const all = rooms.data?.items ?? []
  const scopes = sumByScope(held.data?.pages.flatMap((page) => page.items) ?? [])
  const spent = scopes.reduce((sum, one) => sum + one.dollarsPerHour, 0)
  const idle = all.reduce((sum, one) => sum + idleCostOf(one), 0)
  const advised = moving.data?.pages.flatMap((page) => page.items).filter((one) => (one.recommendations ?? []).length > 0) ?? []
  const hasPrices = all.some((one) => one.cpuHourPrice > 0 || one.memoryHourPrice > 0)
  const part = held.hasNextPage ? `, for the first ${HELD_MAX} holdings` : ''
  const error = rooms.error ?? held.error
  return (
    <>
      <Heading title="Cost and opportunities" facts={['By the prices that clusters were registered with. Instances have none.']} />
      {error && <Trouble error={error} retry={() => (void rooms.refetch(), void held.refetch())} />}
      {rooms.data && !hasPrices && (
        <div className="note wait" role="status">
          {all.length === 0
            ? 'No cluster is registered, so nothing here has a price.'
            : 'No cluster has a price yet, so everything costs nothing here. cpuHourPrice and memoryHourPrice of PUT /api/v1/clusters/NAME set them.'}
        </div>
      )}
      <div className={styles.tiles}>
        <Tile value={dollars(spent)} says={`an hour${part || ', for what scopes have'}`} />
        <Tile value={dollars(spent * HOURS_A_MONTH)} says={`a month, if it stays so${part}`} />
        <Tile value={dollars(idle)} says="an hour, for room that is free" />
      </div>
      <Panel title="By scope" aside={held.hasNextPage && <span className="quiet">of the first {HELD_MAX} holdings</span>}>
        {held.data && scopes.length === 0 && (
          <Empty title="No scope runs on a cluster.">What each one's replicas cost in an hour and in a month stands here, the dearest first.</Empty>
        )}
        {held.isPending && <Empty title="Asking who has room …" />}
        {scopes.length > 0 && (
          <div className="scroll-x" tabIndex={0} role="group" aria-label="Costs by scope">
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Scope</Table.Th>
                  <Table.Th className="end">Replicas</Table.Th>
                  <Table.Th className="end">An hour</Table.Th>
                  <Table.Th className="end">A month</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {scopes.map((one) => (
                  <Table.Tr key={nameOf(one.scope)}>
                    <Table.Td>
                      <ScopeLink of={one.scope} />
                    </Table.Td>
                    <Table.Td className="end num">{one.replicas}</Table.Td>
                    <Table.Td className="end num">{dollars(one.dollarsPerHour)}</Table.Td>
                    <Table.Td className="end num">{dollars(one.dollarsPerHour * HOURS_A_MONTH)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Panel>
      <Panel title="Opportunities" aside={<span className="quiet">what is paid for and not used, and what would help deployments</span>}>
        <div className="rows">
          {all.filter(isIdle).map((one) => (
            <Idle key={one.cluster} of={one} />
          ))}
          {advised.map((one) => (
            <Advice key={one.id} of={one} />
          ))}
        </div>
        {rooms.data && moving.data && all.filter(isIdle).length + advised.length === 0 && (
          <Empty title="Nothing to gain is known.">
            Clusters of which more than half is free and has a price stand here, and what the judge recommends of deployments that are held.
          </Empty>
        )}
      </Panel>
    </>
  )
}

function Idle({ of }: { of: Capacity }) {
  const cost = idleCostOf(of)
  return (
    <Link to="/backoffice/capacity" search={{ cluster: of.cluster }}>
      <span className="grow">
        <b style={{ fontWeight: 560 }}>{of.cluster}</b> <span className="quiet">is more than half empty, on {of.nodes} nodes</span>
      </span>
      <span className="num">{dollars(cost)} an hour</span>
    </Link>
  )
}

const Advice = ({ of }: { of: Deployment }) => (
  <Link to="/deployments/$id" params={{ id: of.id }} style={{ alignItems: 'flex-start' }}>
    <span className="grow">
      <b style={{ fontWeight: 560 }}>{nameOf(of.scope)}</b>
      {(of.recommendations ?? []).map((one) => (
        <span key={one.kind} className="quiet" style={{ display: 'block' }}>
          {one.sentence}
        </span>
      ))}
    </span>
    <State tone={toneOf(of.phase)}>{titled(of.phase)}</State>
  </Link>
)

const Tile = ({ value, says }: { value: string; says: string }) => (
  <div className={styles.tile}>
    <b className="num">{value}</b>
    <span>{says}</span>
  </div>
)

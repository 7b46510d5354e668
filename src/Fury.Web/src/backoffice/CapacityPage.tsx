import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { capacity, type Capacity } from '../api/office'
import { clusters } from '../api/queries'
import type { Cluster } from '../api/types'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { titled } from '../ui/words'
import styles from './Capacity.module.css'
import { Holdings } from './Holdings'
import { cores, gib, sumOf } from './rooms'

interface Place {
  cluster: Cluster
  room?: Capacity
}

/** How much room there is, what of it is promised, and who has the rest. */
export function CapacityPage() {
  const places = useQuery(clusters)
  const rooms = useQuery(capacity)
  const { cluster } = useSearch({ from: '/backoffice/capacity' })
  const [by, setBy] = useState<'region' | 'segment'>('region')
  const known = new Map(rooms.data?.items.map((one) => [one.cluster, one]))
  const all: Place[] = (places.data?.items ?? []).map((one) => ({ cluster: one, room: known.get(one.name) }))
  const groups = Map.groupBy(all, ({ cluster: one }) =>
    by === 'region' ? `${one.provider} / ${one.region}` : `${one.provider} / ${one.region} / ${one.criticality} / ${one.workloadTypes.join('+') || 'any'}`,
  )
  const whole = sumOf(rooms.data?.items ?? [])
  const error = places.error ?? rooms.error
  return (
    <>
      <Heading
        title="Capacity"
        facts={
          rooms.data && [
            `${all.length} ${all.length === 1 ? 'cluster' : 'clusters'}`,
            `${whole.nodes} nodes`,
            `${cores(whole.cpuFree - whole.cpuPromised)} cores are free`,
          ]
        }
        actions={
          <SegmentedControl
            size="xs"
            aria-label="Grouped by"
            value={by}
            onChange={(value) => setBy(value as typeof by)}
            data={[
              { value: 'region', label: 'By region' },
              { value: 'segment', label: 'By segment' },
            ]}
          />
        }
      />
      {error && <Trouble error={error} retry={() => (void places.refetch(), void rooms.refetch())} />}
      {all.length === 0 && !error && (
        <Panel label="Clusters">
          {places.isPending ? (
            <Empty title="Asking for the clusters …" />
          ) : (
            <Empty title="No cluster is registered.">
              Here would be each one's nodes, and what of them is used, promised and free. <code className="mono">fury cluster add</code> registers one.
            </Empty>
          )}
        </Panel>
      )}
      {[...groups].map(([name, its]) => (
        <Panel key={name} title={name} aside={<Sum of={its} />}>
          <div className={styles.clusters}>
            {its.map((one) => (
              <Row key={one.cluster.name} of={one} isChosen={one.cluster.name === cluster} />
            ))}
          </div>
        </Panel>
      ))}
      {all.length > 0 && <Holdings cluster={cluster} />}
    </>
  )
}

function Sum({ of }: { of: Place[] }) {
  const sum = sumOf(of.flatMap(({ room }) => room ?? []))
  return (
    <span className="quiet num">
      {cores(sum.cpuFree - sum.cpuPromised)} cores and {gib(sum.memoryFree - sum.memoryPromised)} free
    </span>
  )
}

function Row({ of: { cluster, room }, isChosen }: { of: Place; isChosen: boolean }) {
  const navigate = useNavigate({ from: '/backoffice/capacity' })
  const isWell = cluster.health === 'healthy' && cluster.phase === 'active'
  return (
    <div className={styles.cluster} data-chosen={isChosen || undefined}>
      <div className={styles.name}>
        <Link
          to="/backoffice/capacity"
          search={{ cluster: isChosen ? undefined : cluster.name }}
          className="plain-link"
          aria-current={isChosen || undefined}
          onKeyDown={(event) => event.key === 'Escape' && void navigate({ to: '.', search: {} })}
        >
          <b>{cluster.name}</b>
        </Link>
        {!isWell && (
          <State tone={cluster.health === 'dead' ? 'bad' : 'wait'}>
            {titled(cluster.phase === 'active' ? (cluster.health ?? 'health not known here') : cluster.phase)}
          </State>
        )}
        <span className="quiet">
          {room?.seenAt ? (
            <>
              {room.nodes} {room.nodes === 1 ? 'node' : 'nodes'}
              {room.nodesMore > 0 && `, ${room.nodesMore} more can come`} · seen <When at={room.seenAt} />
            </>
          ) : (
            'Waits for the first report of the host that watches it.'
          )}
        </span>
      </div>
      {room?.seenAt && (
        <>
          <Bar what="Cores" used={room.cpuMillisUsed} promised={room.cpuMillisPromised} free={room.cpuMillisFree} say={cores} />
          <Bar what="Memory" used={room.memoryMiBUsed} promised={room.memoryMiBPromised} free={room.memoryMiBFree} say={gib} />
        </>
      )}
    </div>
  )
}

interface BarProps {
  what: string
  used: number
  promised: number
  /** What is promised comes out of it. */
  free: number
  say: (value: number) => string
}

/** Used, promised and free as parts of one line; the words beside it say the same. */
function Bar({ what, used, promised, free, say }: BarProps) {
  const all = used + free
  const part = (value: number) => `${all > 0 ? Math.min(100, (value / all) * 100) : 0}%`
  const words = `${say(used)} used${promised > 0 ? `, ${say(promised)} promised` : ''} of ${say(all)}`
  return (
    <div className={styles.bar}>
      <span className="quiet">{what}</span>
      <span className={styles.track} aria-hidden>
        <i className={styles.used} style={{ width: part(used) }} />
        <i className={styles.promised} style={{ width: part(promised) }} />
      </span>
      <span className="num">{words}</span>
    </div>
  )
}

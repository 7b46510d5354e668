import { Tooltip } from '@mantine/core'
import { memo } from 'react'
import type { Deployment, PoolStatus } from '../api/types'
import { count, percent, plain, short } from '../ui/words'
import styles from './Pools.module.css'

export type Role = 'candidate' | 'current' | 'other'

/** A pool: its replicas one by one, its share of the traffic, and what is wrong with it. */
export function PoolCard({ pool, role }: { pool: PoolStatus; role: Role }) {
  const failing = pool.requests > 0 ? pool.errors / pool.requests : 0
  return (
    <article className={`${styles.pool} ${styles[role]}`} aria-label={`Pool of ${pool.version}, ${role}`}>
      <header>
        <b className="num">{pool.version}</b>
        <span className="quiet">{role === 'other' ? plain(pool.phase) : role}</span>
        <span className={`num ${styles.weight}`}>{pool.weight} %</span>
      </header>
      <div className={styles.bar} aria-hidden>
        <b style={{ width: `${pool.weight}%` }} />
      </div>
      <Replicas of={pool.replicas ?? []} wanted={pool.wanted} />
      <div className={`${styles.line} num`}>
        <span>
          {pool.ready} of {pool.wanted} ready
        </span>
        <span>{count(pool.requests)} requests</span>
        <span style={failing > 0.01 ? { color: 'var(--mantine-color-error)' } : undefined}>{percent(failing)} failed</span>
        <span className="quiet cut">{pool.location}</span>
        <span className="quiet mono">{short(pool.id)}</span>
      </div>
      {pool.problem && <div className="note wait">{pool.problem}</div>}
    </article>
  )
}

type ReplicaState = NonNullable<PoolStatus['replicas']>[number]

const say = (one: ReplicaState) =>
  `${short(one.id)}: ${plain(one.phase)}${one.address ? `, ${one.address}:${one.port}` : ''}${one.restarts ? `, ${one.restarts} restarts` : ''}${
    one.reason ? `. ${one.reason}` : ''
  }`

/** One mark a replica. What has a problem is named in words too. */
export const Replicas = memo(
  ({ of, wanted }: { of: ReplicaState[]; wanted: number }) => {
    const ill = of.filter((one) => one.reason || one.restarts > 0).slice(0, 5)
    return (
      <>
        <div
          className={styles.replicas}
          role="img"
          aria-label={`${of.filter((one) => one.phase === 'ready').length} of ${wanted} replicas are ready`}
        >
          {of.map((one) => (
            <i key={one.id} data-phase={one.phase} data-ill={one.restarts > 0 || undefined} title={say(one)} />
          ))}
          {Array.from({ length: Math.max(0, wanted - of.length) }, (_, index) => (
            <i key={index} data-phase="missing" title="not there yet" />
          ))}
        </div>
        {ill.map((one) => (
          <div key={one.id} className="quiet" style={{ fontSize: 12, overflowWrap: 'anywhere' }}>
            {say(one)}
          </div>
        ))}
      </>
    )
  },
  (before, after) => before.wanted === after.wanted && sketch(before.of) === sketch(after.of),
)
Replicas.displayName = 'Replicas'

const sketch = (of: ReplicaState[]) => of.map((one) => `${one.id}${one.phase}${one.restarts}${one.reason ?? ''}`).join()

/** How the traffic is split now, as one bar. */
export function Split({ lanes }: { lanes: NonNullable<Deployment['lanes']> }) {
  return (
    <div className={styles.split}>
      {lanes.map((lane) => (
        <div key={lane.location}>
          {lanes.length > 1 && (
            <div className="quiet" style={{ fontSize: 12 }}>
              {lane.location}, {lane.share} % of the traffic{lane.isBarred ? '; the candidate has failed here' : ''}
            </div>
          )}
          <Tooltip label={`The candidate has ${lane.weight} % at ${lane.location}`}>
            <div className={styles.halves} role="img" aria-label={`Candidate ${lane.weight} %, current ${100 - lane.weight} %`}>
              <b style={{ width: `${lane.weight}%` }} />
              <span className="num" data-side="candidate">
                candidate {lane.weight} %
              </span>
              <span className="num" data-side="current">
                current {lane.current ? 100 - lane.weight : 0} %
              </span>
            </div>
          </Tooltip>
        </div>
      ))}
    </div>
  )
}

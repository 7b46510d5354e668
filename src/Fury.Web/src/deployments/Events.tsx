import { memo, useState } from 'react'
import type { StreamState } from '../api/stream'
import type { DeploymentEvent } from '../api/types'
import { Panel, State } from '../ui/Bits'
import { clock, exact, plain, toneOf } from '../ui/words'
import styles from './Events.module.css'

const SHOWN_MAX = 120

/** What has happened, the newest first; each with the numbers behind it. */
export function Events({ events, state }: { events: DeploymentEvent[]; state: StreamState }) {
  const [isAll, setAll] = useState(false)
  const newest = events.toReversed()
  const shown = isAll ? newest : newest.slice(0, SHOWN_MAX)
  return (
    <Panel
      title="Events"
      aside={
        state === 'lost' ? (
          <State tone="wait">The host is away; taken up when it is back</State>
        ) : state === 'ended' ? (
          <span className="quiet">{events.length} in all</span>
        ) : (
          <State tone="busy">live</State>
        )
      }
    >
      <ol className={styles.events} aria-live="polite" aria-relevant="additions">
        {shown.map((event) => (
          <Line key={event.number} of={event} />
        ))}
      </ol>
      {shown.length < newest.length && (
        <button className={styles.more} onClick={() => setAll(true)}>
          All {newest.length} events
        </button>
      )}
    </Panel>
  )
}

const Line = memo(({ of }: { of: DeploymentEvent }) => {
  const facts = Object.entries(of.data ?? {})
  return (
    <li>
      <time dateTime={of.at} title={exact(of.at)} className="num quiet">
        {clock(of.at)}
      </time>
      <i className={styles[toneOf(of.phase)]} aria-hidden />
      <div>
        <span className={styles.phase}>{plain(of.phase)}</span>
        {facts.length === 0 ? (
          <p>{of.message}</p>
        ) : (
          <details>
            <summary>{of.message}</summary>
            <dl className="facts">
              {facts.map(([name, value]) => (
                <div key={name} style={{ display: 'contents' }}>
                  <dt className="mono">{name}</dt>
                  <dd className="mono">{value}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
    </li>
  )
})
Line.displayName = 'Line'

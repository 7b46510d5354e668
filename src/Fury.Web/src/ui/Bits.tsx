import { Button, Group, Tooltip } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { asProblem } from '../api/problem'
import { ago, exact } from './words'

export type Tone = 'ok' | 'bad' | 'wait' | 'busy' | 'none'

/** A state as a dot and a word: the colour never says it alone. */
export const State = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className={`state ${tone}`}>
    <i aria-hidden />
    {children}
  </span>
)

export const Panel = ({ title, aside, children, label }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; label?: string }) => (
  <section className="panel" aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
    {title && (
      <header>
        <h2>{title}</h2>
        {aside && <div className="aside">{aside}</div>}
      </header>
    )}
    {children}
  </section>
)

export const Empty = ({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) => (
  <div className="empty">
    <b>{title}</b>
    {children && <span>{children}</span>}
    {action}
  </div>
)

/** What went wrong, in the API's own words; with a way to try again where that may help. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = asProblem(error)
  return (
    <div className={`note ${problem.isAway ? 'wait' : 'bad'}`} role="alert">
      <Group justify="space-between" gap="sm">
        <span>{problem.message}</span>
        {retry && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </div>
  )
}

let now = Date.now()
const clocks = new Set<() => void>()
setInterval(() => {
  now = Date.now()
  clocks.forEach((tick) => tick())
}, 1000)

/** The present time, once a second, from one clock for all that shows it. */
export function useNow(): number {
  const [, redraw] = useState(0)
  useEffect(() => {
    const tick = () => redraw((count) => count + 1)
    clocks.add(tick)
    return () => void clocks.delete(tick)
  }, [])
  return now
}

/** How long ago, or in how long; the exact time is a touch away. */
export function When({ at, empty = '' }: { at?: string | null; empty?: string }) {
  const present = useNow()
  return at ? (
    <Tooltip label={exact(at)}>
      <time dateTime={at} className="num" tabIndex={-1}>
        {ago(at, present)}
      </time>
    </Tooltip>
  ) : (
    <>{empty}</>
  )
}

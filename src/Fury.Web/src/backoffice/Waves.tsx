import { Button, Group } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Permission } from '../api/types'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { Guard } from '../ui/Me'
import { counted, titled } from '../ui/words'
import styles from './Waves.module.css'
import { progressOf, type Run, toneOfRun, type Wave } from './runs'

export type Order = 'stop' | 'resume' | 'abort'

/** How far it has come, as a track and in words. */
export function Progress({ of }: { of: Pick<Run, 'counts'> }) {
  const { words, ...shares } = progressOf(of.counts)
  return (
    <div>
      <div className={styles.track} aria-hidden>
        {(['done', 'running', 'failed', 'skipped'] as const).map((part) => (
          <i key={part} className={styles[part]} style={{ width: `${shares[part] * 100}%` }} />
        ))}
      </div>
      <span className="quiet num" style={{ fontSize: 12 }}>
        {words}
      </span>
    </div>
  )
}

/** What is said of it in a list of such. */
export function RunLine({ of, more }: { of: Run; more?: string }) {
  return (
    <>
      <div className="grow" style={{ minWidth: 200 }}>
        <b style={{ fontWeight: 560 }}>{of.name}</b>{' '}
        <span className="quiet">
          {more} by {of.by}
        </span>
        <div className="quiet">{of.why}</div>
      </div>
      <div style={{ minWidth: 180, flex: '0 1 260px' }}>
        <Progress of={of} />
      </div>
      <div style={{ textAlign: 'right', minWidth: 90 }}>
        <State tone={toneOfRun(of)}>{titled(of.state)}</State>
        <div className="quiet">
          <When at={of.endedAt ?? of.createdAt} />
        </div>
      </div>
    </>
  )
}

interface RunsProps<T> {
  of: UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>
  /** What they are called, as a heading. */
  label: string
  /** What stands there before the first one. */
  none: ReactNode
  children: (one: T) => ReactNode
}

/** A list of such, page by page. */
export function Runs<T>({ of, label, none, children }: RunsProps<T>) {
  const found = of.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel label={label}>
      {of.error && (
        <div className="body">
          <Trouble error={of.error} retry={() => void of.refetch()} />
        </div>
      )}
      {of.isPending && <Empty title={`Asking for the ${label.toLowerCase()} …`} />}
      {of.data && found.length === 0 && none}
      <div className="rows">{found.map(children)}</div>
      {of.hasNextPage && (
        <Button variant="subtle" fullWidth onClick={() => void of.fetchNextPage()} loading={of.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </Panel>
  )
}

/** Each wave, with what there is one of for each in it: a scope, or a cluster. */
export function Waves({ of, each }: { of: Wave[]; each: string }) {
  return (
    <ol className={styles.waves}>
      {of.map((wave, index) => (
        <li key={index} className={styles.wave} data-now={wave.isNow || undefined} aria-current={wave.isNow ? 'step' : undefined}>
          <b>Wave {index + 1}</b> <span className="quiet">of {counted(wave.size, each)}</span>
          <div className="quiet num">{wave.says}</div>
        </li>
      ))}
    </ol>
  )
}

/** What may be asked of it now. */
export function Orders({ of, may, ask }: { of: Run; may: Permission; ask: (order: Order) => void }) {
  const possible: Order[] = of.state === 'running' ? ['stop', 'abort'] : of.state === 'stopped' ? ['resume', 'abort'] : []
  return (
    <Group gap={8}>
      {possible.map((one) => (
        <Guard key={one} may={may}>
          <Button variant={one === 'abort' ? 'outline' : 'default'} color={one === 'abort' ? 'red' : undefined} onClick={() => ask(one)}>
            {titled(one)}
          </Button>
        </Guard>
      ))}
    </Group>
  )
}

import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { fleet, type Fleet } from '../api/queries'
import type { Deployment } from '../api/types'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { isOver, nameOf, plain, titled, toneOf } from '../ui/words'

/** Deployments as lines: what goes where, how far it is, and what it waits for. */
export function DeploymentList({ title, query, empty, isPaged }: { title: string; query: Fleet; empty: string; isPaged?: boolean }) {
  const list = useInfiniteQuery(fleet(query))
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel title={title}>
      {list.error && !list.data ? (
        <div className="body">
          <Trouble error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : null}
      {list.data && found.length === 0 && <Empty title={empty} />}
      <div className="rows">
        {found.map((one) => (
          <DeploymentLine key={one.id} of={one} />
        ))}
      </div>
      {isPaged && list.hasNextPage && (
        <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </Panel>
  )
}

export function DeploymentLine({ of }: { of: Deployment }) {
  const steps = of.steps ?? []
  return (
    <Link to="/deployments/$id" params={{ id: of.id }}>
      <div className="grow">
        <div className="cut" style={{ fontSize: 13.5 }}>
          <b style={{ fontWeight: 560 }}>{nameOf(of.scope)}</b> <span className="num">{of.version}</span>
        </div>
        <div className="quiet cut" style={{ fontSize: 12 }} title={of.reason ?? undefined}>
          {plain(of.strategy)}
          {!isOver(of.phase) && steps.length > 1 ? ` · step ${(of.step ?? 0) + 1} of ${steps.length}` : ''}
          {of.reason ? ` · ${of.reason}` : ''}
        </div>
      </div>
      <div style={{ textAlign: 'right' }}>
        <State tone={toneOf(of.phase)}>{titled(of.phase)}</State>
        <div className="quiet" style={{ fontSize: 12 }}>
          <When at={of.endedAt ?? of.createdAt} />
        </div>
      </div>
    </Link>
  )
}

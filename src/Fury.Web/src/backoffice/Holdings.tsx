import { Button, Modal, Table } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { holdings, type Holding, placement } from '../api/office'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { ScopeLink } from '../ui/ScopeLink'
import { nameOf, plain, short, titled } from '../ui/words'
import { cores, gib } from './rooms'

/** Who has room in a cluster, or in all of them: what runs there, and what is promised and has not come yet. */
export function Holdings({ cluster }: { cluster?: string }) {
  const list = useInfiniteQuery(holdings(cluster))
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  const [asked, setAsked] = useState<Holding>()
  return (
    <Panel
      title={cluster ? `Who has room in ${cluster}` : 'Who has room'}
      aside={
        cluster ? (
          <Link to="/backoffice/capacity" className="link">
            All clusters
          </Link>
        ) : (
          <span className="quiet">choose a cluster for its part of it</span>
        )
      }
    >
      {list.error && (
        <div className="body">
          <Trouble error={list.error} retry={() => void list.refetch()} />
        </div>
      )}
      {list.isPending && <Empty title="Asking who has room …" />}
      {list.data && found.length === 0 && (
        <Empty title="Nobody has room there.">Scopes that run on clusters stand here, with their replicas and what is promised to them.</Empty>
      )}
      {found.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="group" aria-label="Holdings">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Scope</Table.Th>
                {!cluster && <Table.Th>Cluster</Table.Th>}
                <Table.Th className="end">Replicas</Table.Th>
                <Table.Th>Promised</Table.Th>
                <Table.Th className="end">Cores</Table.Th>
                <Table.Th className="end">Memory</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.map((one) => (
                <Table.Tr key={one.key}>
                  <Table.Td>
                    <ScopeLink of={one.scope} /> <span className="mono quiet">{short(one.pool)}</span>
                  </Table.Td>
                  {!cluster && <Table.Td>{one.cluster}</Table.Td>}
                  <Table.Td className="end num">{one.replicas}</Table.Td>
                  <Table.Td>
                    {one.promised > 0 ? (
                      <State tone="wait">
                        {one.promised}, ends <When at={one.promisedUntil} />
                      </State>
                    ) : (
                      <span className="quiet">all have come</span>
                    )}
                  </Table.Td>
                  <Table.Td className="end num">{cores(one.replicas * one.cpuMillis)}</Table.Td>
                  <Table.Td className="end num">{gib(one.replicas * one.memoryMiB)}</Table.Td>
                  <Table.Td className="end">
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      onClick={() => setAsked(one)}
                      aria-label={`Why there? ${nameOf(one.scope)} in ${one.cluster}`}
                    >
                      Why there?
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {list.hasNextPage && (
        <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Show more
        </Button>
      )}
      <Modal
        opened={!!asked}
        onClose={() => setAsked(undefined)}
        size="lg"
        centered
        title={asked && `Why ${nameOf(asked.scope)} is where it is`}
      >
        {asked && <Placement pool={asked.pool} />}
      </Modal>
    </Panel>
  )
}

/** The last decision for a pool, with what led to it. */
function Placement({ pool }: { pool: string }) {
  const { data, error, refetch } = useQuery(placement(pool))
  if (!data) {
    return error ? <Trouble error={error} retry={() => void refetch()} /> : <Empty title="Asking for the decision …" />
  }
  const { decision } = data
  return (
    <div style={{ display: 'grid', gap: 14, fontSize: 13 }}>
      <p style={{ margin: 0, lineHeight: 1.55 }} data-testid="placement">
        {data.text}
      </p>
      <dl className="facts">
        <dt>Decided</dt>
        <dd>
          <When at={decision.at} />
        </dd>
        <dt>Placed</dt>
        <dd>{decision.placed.map((one) => `${one.replicas} in ${one.cluster}/${one.zone}`).join(', ') || 'none'}</dd>
        <dt>Pending</dt>
        <dd>{decision.pending > 0 ? `${decision.pending}, ${plain(decision.reason ?? '')}` : 'none'}</dd>
        {decision.filtered.map((one) => (
          <div key={one.reason} style={{ display: 'contents' }}>
            <dt>Left out: {plain(one.reason)}</dt>
            <dd>
              {one.clusters} {one.clusters === 1 ? 'cluster' : 'clusters'}
            </dd>
          </div>
        ))}
      </dl>
      {decision.best.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="group" aria-label="Scores">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Best</Table.Th>
                <Table.Th className="end">Score</Table.Th>
                {Object.keys(decision.best[0]!.parts).map((part) => (
                  <Table.Th key={part} className="end">
                    {titled(part)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {decision.best.map((one) => (
                <Table.Tr key={one.cluster}>
                  <Table.Td>{one.cluster}</Table.Td>
                  <Table.Td className="end num">{one.score.toFixed(2)}</Table.Td>
                  {Object.entries(one.parts).map(([part, value]) => (
                    <Table.Td key={part} className="end num">
                      {Number(value).toFixed(2)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </div>
  )
}

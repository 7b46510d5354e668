import { Button, Group, SegmentedControl } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { deliveries, type Delivery } from '../api/office'
import { Empty, State, type Tone, Trouble, When } from '../ui/Bits'
import { Guard } from '../ui/Me'
import { short } from '../ui/words'

const TONES: Record<string, Tone> = { pending: 'busy', delivered: 'ok', dead: 'bad' }

const EMPTY: Record<string, [title: string, says: string]> = {
  dead: ['Nothing was given up.', 'After 16 attempts or a day an event is given up, kept here, and can be tried again.'],
  pending: ['Nothing waits.', 'What is to be sent, and what is tried again, stands here with what came of the last attempt.'],
  delivered: ['Nothing was taken in the last day.', 'What the receiver has answered with 2xx stands here for a day.'],
}

/** What a webhook could not be told, is to be told, and has taken. */
export function Deliveries({ name, tested }: { name: string; tested?: Delivery }) {
  const [state, setState] = useState(tested ? 'pending' : 'dead')
  const list = useInfiniteQuery(deliveries(name, state))
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  const client = useQueryClient()
  const replay = useMutation({
    mutationFn: (id?: number): Promise<unknown> =>
      id === undefined
        ? ok(api.POST('/api/v1/webhooks/{name}/replay', { params: { path: { name } } }))
        : ok(api.POST('/api/v1/webhooks/{name}/deliveries/{id}/replay', { params: { path: { name, id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['webhooks', name] }),
  })
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label="Which"
          value={state}
          onChange={setState}
          data={[
            { value: 'dead', label: 'Given up' },
            { value: 'pending', label: 'Waiting' },
            { value: 'delivered', label: 'Taken' },
          ]}
        />
        {state === 'dead' && found.length > 0 && (
          <Guard may="administer">
            <Button variant="default" onClick={() => replay.mutate(undefined)} loading={replay.isPending && replay.variables === undefined}>
              Try all again
            </Button>
          </Guard>
        )}
      </Group>
      {tested && (
        <div className="note" role="status">
          The test message is on its way, as delivery {tested.id}: it waits until the receiver has answered with 2xx, and then stands under “Taken”.
        </div>
      )}
      {(list.error ?? replay.error) && <Trouble error={list.error ?? replay.error} />}
      {list.isPending && <Empty title="Asking for the deliveries …" />}
      {list.data && found.length === 0 && <Empty title={EMPTY[state]![0]}>{EMPTY[state]![1]}</Empty>}
      <div className="rows" aria-label="Deliveries" role="list">
        {found.map((one) => (
          <Row key={one.id} of={one} replay={() => replay.mutate(one.id)} isPending={replay.isPending && replay.variables === one.id} />
        ))}
      </div>
      {list.hasNextPage && (
        <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Older
        </Button>
      )}
    </div>
  )
}

const Row = ({ of, replay, isPending }: { of: Delivery; replay: () => void; isPending: boolean }) => (
  <div role="listitem" style={{ flexWrap: 'wrap' }}>
    <State tone={TONES[of.state] ?? 'none'}>{of.attempts === 1 ? '1 attempt' : `${of.attempts} attempts`}</State>
    <div className="grow" style={{ minWidth: 200 }}>
      {of.deployment ? (
        <>
          Event {of.number} of{' '}
          <Link to="/deployments/$id" params={{ id: of.deployment }} className="link">
            deployment {short(of.deployment)}
          </Link>
        </>
      ) : (
        `Test message ${of.id}, which ${of.askedBy} has asked for`
      )}
      {of.error && (
        <div className="quiet" style={{ overflowWrap: 'anywhere' }}>
          {of.error}
        </div>
      )}
    </div>
    <span className="quiet">
      <When at={of.endedAt ?? of.since} />
    </span>
    {of.state === 'dead' && (
      <Guard may="administer">
        <Button variant="default" onClick={replay} loading={isPending} aria-label={`Try again: delivery ${of.id}`}>
          Try again
        </Button>
      </Guard>
    )}
  </div>
)

import { Button, Group, Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { timeline } from '../api/queries'
import { Panel, State, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { Guard } from '../ui/Me'
import { ReasonForm } from '../ui/ReasonForm'
import { clock, exact, millis, plain, titled } from '../ui/words'
import { toneOfSaga } from './SagasPage'

type Order = 'retry' | 'skip' | 'cancel'

const SAYS: Record<Order, string> = {
  retry: 'The step that it is stuck at, or waits in, is tried now.',
  skip: 'The step counts as done. Only when somebody has seen that it is.',
  cancel: 'What it has done is undone, step by step.',
}

/** One saga: each attempt of each step, and what may be ordered. */
export function SagaPage() {
  const { id } = useParams({ from: '/backoffice/sagas/$id' })
  const { data, error, refetch } = useQuery(timeline(id))
  const [order, setOrder] = useState<Order>()
  if (error && !data) {
    return <Trouble error={error} retry={() => void refetch()} />
  }
  const saga = data?.saga
  const isOver = !!saga?.endedAt
  return (
    <>
      <Heading
        title={saga?.name ?? id}
        above={<Link to="/backoffice/sagas">Sagas</Link>}
        facts={
          saga && [
            <State key="state" tone={toneOfSaga(saga.state)}>
              {titled(saga.state)}
            </State>,
            <>
              at {saga.step}, attempt {saga.attempt}
            </>,
            <When key="at" at={saga.startedAt} />,
          ]
        }
        actions={
          saga &&
          !isOver && (
            <Guard may="operate">
              <Group gap={8}>
                {(['retry', 'skip', 'cancel'] as const).map((one) => (
                  <Button
                    key={one}
                    variant={one === 'cancel' ? 'outline' : 'default'}
                    color={one === 'cancel' ? 'red' : undefined}
                    onClick={() => setOrder(one)}
                  >
                    {titled(one)}
                  </Button>
                ))}
              </Group>
            </Guard>
          )
        }
      />
      {saga?.waitingFor && <div className="note busy">{saga.waitingFor}</div>}
      {saga?.fault && <div className="note bad">{saga.fault.message}</div>}
      <Panel title="Timeline" aside={<span className="mono quiet">{saga?.key}</span>}>
        <div className="rows num">
          {data?.entries.map((entry, index) => (
            <div key={entry.seq ?? `open-${index}`} style={{ alignItems: 'baseline' }}>
              <time className="quiet" dateTime={entry.at} title={exact(entry.at)}>
                {clock(entry.at)}
              </time>
              <span style={{ minWidth: 120 }}>{plain(entry.kind)}</span>
              <b style={{ fontWeight: 560 }} className="cut">
                {entry.step}
              </b>
              {entry.attempt > 1 && <span className="quiet">attempt {entry.attempt}</span>}
              <span className="mono quiet grow cut">{entry.data === null || entry.data === undefined ? '' : JSON.stringify(entry.data)}</span>
              <span className="quiet">{entry.tookMs === null || entry.tookMs === undefined ? '' : millis(entry.tookMs)}</span>
            </div>
          ))}
        </div>
      </Panel>
      <Modal opened={!!order} onClose={() => setOrder(undefined)} title={order && `${titled(order)} ${saga?.name}`} centered>
        {order && <OrderForm id={id} order={order} revision={saga!.revision ?? 0} close={() => setOrder(undefined)} />}
      </Modal>
    </>
  )
}

function OrderForm({ id, order, revision, close }: { id: string; order: Order; revision: number; close: () => void }) {
  const client = useQueryClient()
  return (
    <ReasonForm
      says={SAYS[order]}
      label={titled(order)}
      // The revision that was looked at: when it moves on first, the order is refused, and nothing is done twice.
      send={(reason) => {
        const of = { params: { path: { id } }, body: { reason, revision } as never }
        return ok(
          order === 'retry'
            ? api.POST('/api/v1/sagas/{id}/retry', of)
            : order === 'skip'
              ? api.POST('/api/v1/sagas/{id}/skip', of)
              : api.POST('/api/v1/sagas/{id}/cancel', of),
        )
      }}
      done={() => (void client.invalidateQueries({ queryKey: ['saga', id] }), close())}
    />
  )
}

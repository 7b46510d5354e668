import { Button, Collapse } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, newKey, ok } from '../api/client'
import { judgement } from '../api/queries'
import type { Deployment, DeploymentEvent } from '../api/types'
import { Panel, State, type Tone, Trouble } from '../ui/Bits'
import { Guard } from '../ui/Me'
import { isOver, plain, sentence, titled } from '../ui/words'

const TONES: Record<string, Tone> = { pass: 'ok', fail: 'bad', insufficient: 'busy', inconclusive: 'wait' }
const JUDGED = ['judging', 'held', 'baking']

/** What the judge says, in its one sentence; the numbers behind it when somebody wants them. */
export function Verdict({ of, events }: { of: Deployment; events: DeploymentEvent[] }) {
  const [isOpen, setOpen] = useState(false)
  const isOn = JUDGED.includes(of.phase)
  const { data } = useQuery(judgement(of.id, isOn))
  const told = events.findLast((event) => event.data?.verdict)
  const verdict = isOver(of.phase) || !data ? (told?.data.verdict ?? data?.verdict) : data.verdict
  const facts = Object.entries(data?.facts ?? told?.data ?? {}).sort(([one], [other]) => one.localeCompare(other))
  return (
    <Panel
      title="The judge"
      aside={verdict && !(of.phase === 'done' && verdict !== 'pass') && <State tone={TONES[verdict] ?? 'none'}>{titled(verdict)}</State>}
    >
      <div className="body" style={{ display: 'grid', gap: 10 }}>
        {verdict ? (
          <p style={{ margin: 0, fontSize: 13.5, lineHeight: 1.55 }} data-testid="verdict">
            {sentence((isOver(of.phase) && told ? told.message : (data?.sentence ?? told?.message)) ?? '')}
          </p>
        ) : (
          <p className="quiet" style={{ margin: 0, fontSize: 13 }}>
            {isOver(of.phase)
              ? 'It was not judged: a step was left as soon as it had spread.'
              : 'It has not judged yet. It begins with the first requests.'}
          </p>
        )}
        <Recommendations of={of} />
        {facts.length > 0 && (
          <>
            <Button variant="subtle" size="compact-xs" onClick={() => setOpen(!isOpen)} style={{ justifySelf: 'start' }} aria-expanded={isOpen}>
              {isOpen ? 'Hide the numbers' : 'The numbers behind it'}
            </Button>
            <Collapse expanded={isOpen}>
              <dl className="facts" style={{ maxHeight: 320, overflow: 'auto' }} tabIndex={0} aria-label="The numbers behind the verdict">
                {facts.map(([name, value]) => (
                  <div key={name} style={{ display: 'contents' }}>
                    <dt className="mono">{name}</dt>
                    <dd className="mono">{value}</dd>
                  </div>
                ))}
              </dl>
            </Collapse>
          </>
        )}
      </div>
    </Panel>
  )
}

/** What would help, each with the button that does it. */
function Recommendations({ of }: { of: Deployment }) {
  const client = useQueryClient()
  const take = useMutation({
    mutationFn: (kind: string) =>
      ok(
        api.POST('/api/v1/deployments/{id}/recommendations/{kind}/take', {
          params: { path: { id: of.id, kind }, header: { 'Idempotency-Key': newKey() } },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['deployment', of.id] }),
  })
  return (
    <>
      {(of.recommendations ?? []).map((one) => (
        <div className="note" key={one.kind}>
          <div>{one.sentence}</div>
          {one.action && (
            <Guard may="deploy">
              <Button variant="default" mt={8} loading={take.isPending && take.variables === one.kind} onClick={() => take.mutate(one.kind)}>
                {titled(one.kind)}
              </Button>
            </Guard>
          )}
          {!one.action && <span className="quiet">Fury cannot do this by itself: {plain(one.kind)}.</span>}
        </div>
      ))}
      {take.error && <Trouble error={take.error} />}
    </>
  )
}

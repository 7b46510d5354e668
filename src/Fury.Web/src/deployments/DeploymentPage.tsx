import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { deployment, releases, status } from '../api/queries'
import type { Deployment, ScopeStatus } from '../api/types'
import { Crumbs } from '../applications/ApplicationPage'
import { Empty, Panel, State, Trouble, useNow, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { OnScope } from '../ui/Me'
import { isBack, isOver, plain, span, titled, toneOf } from '../ui/words'
import { Approvals } from './Approvals'
import { Commands } from './Commands'
import styles from './Deployment.module.css'
import { Events } from './Events'
import { useEvents, useTraffic } from './live'
import { Plan } from './Plan'
import { PoolCard, type Role, Split } from './Pools'
import { Traffic } from './Traffic'
import { Verdict } from './Verdict'

/** One deployment as it goes: what it does, what it waits for, what the judge says, and what may be asked of it. */
export function DeploymentPage() {
  const { id } = useParams({ from: '/deployments/$id' })
  const its = useQuery(deployment(id))
  if (its.error && !its.data) {
    return <Trouble error={its.error} retry={() => void its.refetch()} />
  }
  return its.data ? <Live key={id} of={its.data} /> : <Skeleton height={400} radius="md" />
}

function Live({ of }: { of: Deployment }) {
  const { application, scope } = of.scope
  const isLive = !isOver(of.phase)
  const { events, state } = useEvents(of.id)
  const { points } = useTraffic(of.id, isLive)
  const now = useQuery(status(application, scope, isLive))
  const before = useQuery({ ...releases(application, scope), enabled: !!of.from }).data?.items.find((one) => one.id === of.from)?.version
  return (
    <OnScope value={of.scope}>
      <Heading
        title={`${of.version} to ${scope}`}
        above={<Crumbs application={application} scope={scope} />}
        facts={[
          <State key="phase" tone={toneOf(of.phase)}>
            <b style={{ color: 'var(--mantine-color-text)', fontWeight: 600 }}>{titled(of.phase)}</b>
          </State>,
          <>{titled(of.strategy)}</>,
          before && before !== of.version && (
            <>
              from <span className="num">{before}</span>
            </>
          ),
          of.askedBy && <>by {of.askedBy}</>,
          <>
            began <When at={of.createdAt} />
          </>,
          of.endedAt && (
            <>
              took <span className="num">{span((Date.parse(of.endedAt) - Date.parse(of.createdAt)) / 1000)}</span>
            </>
          ),
        ].filter(Boolean)}
        actions={<Commands of={of} />}
      />
      <div className={styles.stack}>
        <Waiting of={of} />
        <Approvals of={of} />
        {(of.steps ?? []).length > 0 && (
          <Panel title="Plan" aside={<span className="quiet">{planned(of)}</span>}>
            <div className="body" style={{ display: 'grid', gap: 12 }}>
              <Plan steps={of.steps!} at={of.step ?? 0} phase={of.phase} />
              {isLive && <Split lanes={of.lanes ?? []} />}
            </div>
          </Panel>
        )}
        <div className={styles.two}>
          <Traffic points={points} events={events} />
          <div className={styles.stack}>
            <Verdict of={of} events={events} />
            <Panel title={isLive ? 'Pools' : 'What the scope runs now'}>
              <Pools status={now.data} of={of} />
            </Panel>
          </div>
        </div>
        <Events events={events} state={state} />
      </div>
    </OnScope>
  )
}

function planned(of: Deployment) {
  const bake = of.policy.bakeSeconds
  return isOver(of.phase)
    ? `${of.steps!.length} steps`
    : bake > 0
      ? `then ${span(bake)} beside the old one, which stays warm`
      : 'then the old one is taken down'
}

/** Always one sentence of what it waits for, and what happens when that does not come. */
function Waiting({ of }: { of: Deployment }) {
  const present = useNow()
  const tone = toneOf(of.phase)
  const left = of.deadline ? (Date.parse(of.deadline) - present) / 1000 : null
  const says = of.held?.why ?? of.reason
  return (
    <div className={`note ${tone === 'none' ? '' : tone} ${styles.waiting}`} role="status" data-testid="waiting">
      <div className="grow">
        <b>{isOver(of.phase) ? ENDS[of.phase as keyof typeof ENDS] : `${WAITS[of.phase] ?? titled(of.phase)}`}</b> {says}
      </div>
      {left !== null && !isOver(of.phase) && (
        <span className="num quiet" style={{ whiteSpace: 'nowrap' }}>
          {left > 0 ? `${span(left)} left, then ${after(of)}` : 'its time is over'}
        </span>
      )}
    </div>
  )
}

const ENDS = { done: 'Done.', 'rolled-back': 'It went back.', aborted: 'It was aborted.' } as const

const WAITS: Record<string, string> = {
  admitted: 'Waits for its turn.',
  provisioning: 'Waits for the replicas that this step needs.',
  shifting: 'Moves the traffic.',
  converging: 'Waits until every proxy has the new weights.',
  judging: 'Waits for the judge.',
  held: 'Waits for somebody.',
  baking: 'Watches a while longer; the old pool is warm.',
  draining: 'Lets the last requests of the old pool end.',
  retiring: 'Takes the old pool down.',
  'restoring-capacity': 'Going back: brings the current pool to its size.',
  'shifting-back': 'Going back: moves the traffic.',
  'converging-back': 'Going back: waits until every proxy has the old weights.',
  'draining-back': 'Going back: lets the last requests of the candidate end.',
  'retiring-candidate': 'Going back: takes the candidate down.',
}

/** What the deadline of a phase does. */
function after(of: Deployment) {
  switch (of.phase) {
    case 'baking':
    case 'retiring':
    case 'retiring-candidate':
    case 'converging-back':
      return 'it goes on'
    case 'judging':
      return (of.steps?.[of.step ?? 0]?.gate ?? 'timed') === 'timed' ? 'it goes on' : 'it is held'
    case 'admitted':
      return 'it ends'
    default:
      return isBack(of.phase) ? 'it keeps what serves' : of.phase === 'draining' ? 'it goes on' : 'it turns back'
  }
}

function Pools({ status: found, of }: { status?: ScopeStatus; of: Deployment }) {
  const candidates = new Set([of.candidatePool, ...(of.lanes ?? []).map((lane) => lane.candidate)])
  const current = new Set([of.currentPool, ...(of.lanes ?? []).map((lane) => lane.current)])
  const roleOf = (pool: string): Role =>
    candidates.has(pool) ? (of.phase === 'done' ? 'current' : 'candidate') : current.has(pool) ? 'current' : 'other'
  const pools = (found?.pools ?? []).toSorted((one, other) => roleOf(one.id).localeCompare(roleOf(other.id)))
  return pools.length === 0 ? (
    <Empty title="No pool runs.">{isOver(of.phase) ? '' : `The candidate is asked for when it is ${plain('provisioning')}.`}</Empty>
  ) : (
    <div className="body" style={{ display: 'grid', gap: 14 }}>
      {pools.map((pool) => (
        <PoolCard key={pool.id} pool={pool} role={roleOf(pool.id)} />
      ))}
    </div>
  )
}

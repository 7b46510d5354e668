import { Tabs } from '@mantine/core'
import { IconRocket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { deploymentsOf, gates, scope, status } from '../api/queries'
import type { Deployment, Gates, Scope } from '../api/types'
import { DeploymentLine } from '../deployments/DeploymentList'
import { PoolCard } from '../deployments/Pools'
import { JobsTab } from '../jobs/JobsTab'
import { Secrets } from '../secrets/Secrets'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { LinkButton } from '../ui/LinkButton'
import { Guard } from '../ui/Me'
import { count, percent, plain, titled, toneOf } from '../ui/words'
import { Crumbs } from './ApplicationPage'
import styles from './Application.module.css'
import { healthOf } from './health'
import { LogsTab } from './LogsTab'
import { RollbackButton } from './Rollback'
import { ServicesTab } from './ServicesTab'

const TABS = ['overview', 'logs', 'jobs', 'services', 'settings'] as const

/** One scope: what it runs, what it serves, and what may be done with it. */
export function ScopePage() {
  const { application, scope: name } = useParams({ from: '/applications/$application/$scope' })
  const { tab = 'overview' } = useSearch({ from: '/applications/$application/$scope' })
  const navigate = useNavigate({ from: '/applications/$application/$scope' })
  const its = useQuery(scope(application, name))
  const now = useQuery(status(application, name))
  const rules = useQuery(gates(application, name))
  if (its.error) {
    return <Trouble error={its.error} retry={() => void its.refetch()} />
  }
  const health = now.data && healthOf(now.data)
  return (
    <>
      <Heading
        title={name}
        above={<Crumbs application={application} />}
        facts={[
          now.data?.version && (
            <>
              runs{' '}
              <b className="num" style={{ color: 'var(--mantine-color-text)' }}>
                {now.data.version}
              </b>
            </>
          ),
          health && <State tone={health.tone}>{health.word}</State>,
        ].filter(Boolean)}
        actions={
          <>
            <Guard may="rollback">
              <RollbackButton application={application} scope={name} isPossible={!!now.data?.version} />
            </Guard>
            <Guard may="deploy">
              <LinkButton to="/applications/$application/$scope/deploy" params={{ application, scope: name }} leftSection={<IconRocket size={14} />}>
                Deploy
              </LinkButton>
            </Guard>
          </>
        }
      />
      {rules.data && <Rules of={rules.data} />}
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: '.', search: { tab: next === 'overview' ? undefined : (next ?? undefined) } })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map((one) => (
            <Tabs.Tab value={one} key={one}>
              {titled(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview application={application} name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <LogsTab application={application} scope={name} />
        </Tabs.Panel>
        <Tabs.Panel value="jobs">
          <JobsTab application={application} scope={name} />
        </Tabs.Panel>
        <Tabs.Panel value="services">
          <ServicesTab application={application} scope={name} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <div className={styles.stack}>
            {its.data && <Settings of={its.data} />}
            <Secrets application={application} scope={name} />
          </div>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

/** What the rules say of a deployment now, before somebody asks for one. */
function Rules({ of }: { of: Gates }) {
  return (
    <div style={{ display: 'grid', gap: 8, marginBottom: of.frozen || of.pin || of.nextFreeze ? 14 : 0 }}>
      {of.frozen && (
        <div className="note wait">
          <b>Frozen.</b> {of.frozen}{' '}
          {of.until && (
            <>
              It ends <When at={of.until} />.
            </>
          )}{' '}
          A deployment that is asked for now waits; going back is always possible.
        </div>
      )}
      {of.pin && (
        <div className="note wait">
          <b>Pinned</b> by {of.pin.by}: {of.pin.reason}. It stays at what it runs; going back is possible.
        </div>
      )}
      {of.nextFreeze && (
        <div className="note">
          A freeze begins <When at={of.nextFreeze.at} />. {of.nextFreeze.why}
        </div>
      )}
    </div>
  )
}

function Overview({ application, name }: { application: string; name: string }) {
  const now = useQuery(status(application, name))
  const history = useQuery(deploymentsOf(application, name))
  const pools = now.data?.pools ?? []
  const moving = now.data?.inProgress
  return (
    <div className={styles.stack}>
      {moving && <Moving of={moving} />}
      <div className={styles.two}>
        <Panel title="Pools" aside={<span className="quiet">what runs, and its share of the traffic</span>}>
          {now.data && pools.length === 0 && (
            <Empty title={now.data.asleepSince ? 'It sleeps.' : 'Nothing runs here yet.'}>
              {now.data.asleepSince ? 'No request came for a while. The next one wakes it.' : 'Deploy a version, and it is here.'}
            </Empty>
          )}
          <div className="body" style={{ display: pools.length > 0 ? 'grid' : 'none', gap: 14 }}>
            {pools.map((pool) => (
              <PoolCard key={pool.id} pool={pool} role={pool.id === moving?.candidatePool ? 'candidate' : 'current'} />
            ))}
          </div>
        </Panel>
        <div className={styles.stack}>
          <Panel title="Traffic">
            <div className="body">
              <dl className="facts">
                <dt>Address</dt>
                <dd className="mono">{now.data?.address}</dd>
                <dt>Requests</dt>
                <dd className="num">{now.data?.rate ? `${count(now.data.rate.requests)} a second` : '–'}</dd>
                <dt>Errors</dt>
                <dd className="num">{now.data?.rate ? percent(now.data.rate.errors) : '–'}</dd>
                <dt>In flight</dt>
                <dd className="num">{pools.reduce((sum, pool) => sum + pool.inFlight, 0)}</dd>
                <dt>Routing version</dt>
                <dd className="num">{now.data?.routingVersion}</dd>
              </dl>
            </div>
          </Panel>
          <Panel title="Deployments">
            {history.data?.items.length === 0 && <Empty title="Nothing was deployed here yet." />}
            <div className="rows">
              {history.data?.items.slice(0, 12).map((one) => (
                <DeploymentLine key={one.id} of={one} />
              ))}
            </div>
          </Panel>
        </div>
      </div>
    </div>
  )
}

const Moving = ({ of }: { of: Deployment }) => (
  <Link to="/deployments/$id" params={{ id: of.id }} className="plain-link">
    <div className={`note ${toneOf(of.phase) === 'none' ? '' : toneOf(of.phase)}`}>
      <b>
        {of.version} is on its way, {plain(of.phase)}.
      </b>{' '}
      {of.reason} <u>Watch it</u>
    </div>
  </Link>
)

function Settings({ of }: { of: Scope }) {
  const environment = Object.entries(of.environment ?? {})
  return (
    <div className={styles.two}>
      <Panel title="Settings">
        <div className="body">
          <dl className="facts">
            <dt>Runs on</dt>
            <dd>{of.compute === 'serverless' ? 'clusters' : 'instances'}</dd>
            <dt>Criticality</dt>
            <dd>{of.criticality}</dd>
            <dt>Workload</dt>
            <dd>{of.workload}</dd>
            <dt>A replica has</dt>
            <dd className="num">
              {of.size.cpuMillis / 1000} cores, {of.size.memoryMiB} MiB
            </dd>
            <dt>Replicas</dt>
            <dd className="num">
              {of.minReplicas} to {of.maxReplicas}
            </dd>
            <dt>Health</dt>
            <dd className="mono">{of.healthPath}</dd>
            <dt>Revision</dt>
            <dd className="num">{of.revision}</dd>
          </dl>
          <LinkButton
            to="/applications/$application/new-scope"
            params={{ application: of.ref.application }}
            search={{ like: of.ref.scope }}
            variant="default"
            mt="md"
          >
            Change
          </LinkButton>
        </div>
      </Panel>
      <Panel title="Configuration">
        {environment.length === 0 && <Empty title="It has no configuration of its own.">Its versions' own defaults hold.</Empty>}
        <div className="rows">
          {environment.map(([key, value]) => (
            <div key={key}>
              <span className="mono">{key}</span>
              <span className="mono quiet grow cut" style={{ textAlign: 'right' }}>
                {value}
              </span>
            </div>
          ))}
        </div>
      </Panel>
    </div>
  )
}

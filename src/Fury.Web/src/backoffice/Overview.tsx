import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { about, clusters, fleet, freezes, health, mesh, sagas } from '../api/queries'
import { Panel, State, Trouble } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { titled } from '../ui/words'
import styles from './Office.module.css'

/** How Fury itself is, on one screen: what somebody looks at first in the morning. */
export function Overview() {
  const host = useQuery(about)
  const checks = useQuery(health)
  const net = useQuery(mesh)
  const places = useQuery(clusters)
  const rules = useQuery(freezes)
  const moving = useInfiniteQuery(fleet({ ended: false, limit: 100 }))
  const dead = useInfiniteQuery(sagas(['stuck', 'parked'], ''))
  const inProgress = moving.data?.pages.flatMap((page) => page.items) ?? []
  const letters = dead.data?.pages.flatMap((page) => page.items) ?? []
  const frozen = rules.data?.items.filter((one) => one.isNow && one.kind === 'deny') ?? []
  const ill = places.data?.items.filter((one) => one.health && one.health !== 'healthy') ?? []
  return (
    <>
      <Heading
        title="Health of Fury"
        facts={[host.data && `${host.data.version.replace(/(\+.{7}).*/, '$1')}, host ${host.data.node}`, host.data?.runtime]}
      />
      <div className={styles.tiles}>
        <Tile value={inProgress.length} says="deployments in progress" to="/backoffice/deployments" />
        <Tile value={inProgress.filter((one) => one.phase === 'held').length} says="wait for somebody" to="/backoffice/deployments" tone="wait" />
        <Tile value={letters.length} says="sagas are stuck" to="/backoffice/sagas" tone="bad" />
        <Tile value={net.data?.behind.length ?? 0} says="proxies are behind" to="/backoffice/mesh" tone="bad" />
        <Tile value={ill.length} says={`of ${places.data?.items.length ?? 0} clusters are ill`} to="/backoffice/fleet" tone="bad" />
        <Tile value={frozen.length} says="freezes hold now" to="/freezes" tone="wait" />
      </div>
      <Panel title="Checks" aside={checks.data && <State tone={toneOf(checks.data.status)}>{titled(checks.data.status)}</State>}>
        {checks.error && (
          <div className="body">
            <Trouble error={checks.error} retry={() => void checks.refetch()} />
          </div>
        )}
        <div className="rows">
          {Object.entries(checks.data?.checks ?? {}).map(([name, check]) => (
            <div key={name}>
              <span className="grow">{titled(name)}</span>
              <span className="quiet cut">{check.description}</span>
              <State tone={toneOf(check.status)}>{titled(check.status)}</State>
            </div>
          ))}
        </div>
      </Panel>
      <Panel title="Hosts" aside={<span className="quiet">all that share the database</span>}>
        <div className="rows">
          {net.data?.hosts.map((one) => (
            <div key={one.host}>
              <span className="grow">{one.host}</span>
              <span className="quiet num">
                {one.proxies} {one.proxies === 1 ? 'proxy' : 'proxies'}, routes of revision {one.revision}
              </span>
              <State tone={one.live ? 'ok' : 'none'}>{one.live ? 'Lives' : 'Gone'}</State>
            </div>
          ))}
        </div>
      </Panel>
    </>
  )
}

const toneOf = (status: string) => (status.toLowerCase() === 'healthy' ? 'ok' : status.toLowerCase() === 'degraded' ? 'wait' : 'bad')

const Tile = ({ value, says, to, tone }: { value: number; says: string; to: string; tone?: string }) => (
  <Link to={to} className={`plain-link ${styles.tile}`}>
    <b className="num" style={value > 0 && tone ? { color: tone === 'bad' ? 'var(--mantine-color-error)' : 'var(--f-wait)' } : undefined}>
      {value}
    </b>
    <span>{says}</span>
  </Link>
)

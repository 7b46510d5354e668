import { useQuery } from '@tanstack/react-query'
import { clusters } from '../api/queries'
import type { Cluster } from '../api/types'
import { Empty, Panel, State, Trouble } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { plain, titled } from '../ui/words'
import styles from './Office.module.css'

const TONES = { healthy: 'ok', suspect: 'wait', frozen: 'wait', dead: 'bad' } as const

/** Where replicas run: providers, their regions, the clusters in them, and for what each is kept. */
export function FleetPage() {
  const found = useQuery(clusters)
  const regions = Map.groupBy(found.data?.items ?? [], (one) => `${one.provider} / ${one.region}`)
  return (
    <>
      <Heading title="Fleet" facts={[`${found.data?.items.length ?? 0} clusters in ${regions.size} regions`]} />
      {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data?.items.length === 0 && (
        <Panel label="Clusters">
          <Empty title="No cluster is registered.">
            Scopes run on instances. <code className="mono">fury cluster add</code> registers one.
          </Empty>
        </Panel>
      )}
      <div className={styles.regions}>
        {[...regions].map(([name, all]) => (
          <Panel key={name} title={name} aside={<span className="quiet num">{all.length}</span>}>
            <div className="body" style={{ display: 'grid', gap: 8 }}>
              {all.map((one) => (
                <ClusterCard key={one.name} of={one} />
              ))}
            </div>
          </Panel>
        ))}
      </div>
      <Segments of={found.data?.items ?? []} />
    </>
  )
}

function ClusterCard({ of }: { of: Cluster }) {
  const tone = TONES[of.health as keyof typeof TONES] ?? 'none'
  return (
    <div className={styles.cluster} data-tone={tone}>
      <div style={{ display: 'flex', gap: 8 }}>
        <b className="grow cut" style={{ fontWeight: 560 }}>
          {of.name}
        </b>
        <State tone={tone}>{of.health ? titled(of.health) : 'Not known here'}</State>
      </div>
      <span className="quiet">
        {of.phase === 'active' ? '' : `${plain(of.phase)} · `}
        {of.criticality} · {of.workloadTypes.join(', ') || 'any workload'}
        {of.zones.length > 0 && ` · zones ${of.zones.join(', ')}`}
      </span>
      {of.taints.length > 0 && <span className="quiet">kept for {of.taints.join(', ')}</span>}
      {of.why && of.health !== 'healthy' && <span>{of.why}</span>}
    </div>
  )
}

/** What upgrades go through, the least critical first. */
function Segments({ of }: { of: Cluster[] }) {
  const segments = Map.groupBy(of, (one) => `${one.provider} / ${one.region} / ${one.criticality} / ${one.workloadTypes.join('+') || 'any'}`)
  return segments.size === 0 ? null : (
    <Panel title="Segments" aside={<span className="quiet">provider, region, criticality and workload</span>}>
      <div className="rows">
        {[...segments].map(([name, all]) => (
          <div key={name}>
            <span className="grow">{name}</span>
            <span className="quiet cut">{all.map((one) => one.name).join(', ')}</span>
            <span className="num">{all.length}</span>
          </div>
        ))}
      </div>
    </Panel>
  )
}

import { Table, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { status } from '../api/queries'
import type { Scope } from '../api/types'
import { State } from '../ui/Bits'
import { Release } from '../ui/Tags'
import { count, percent, plain } from '../ui/words'
import { candidateWeight, healthOf, replicasOf } from './health'
import styles from './Application.module.css'

/** The scopes of an application with what each runs now. */
export const ScopeTable = ({ application, scopes }: { application: string; scopes: Scope[] }) => (
  <div className="scroll-x">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Scope</Table.Th>
          <Table.Th>Version</Table.Th>
          <Table.Th>Health</Table.Th>
          <Table.Th className="end">Replicas</Table.Th>
          <Table.Th className="end">Requests/s</Table.Th>
          <Table.Th className="end">Errors</Table.Th>
          <Table.Th>Runs on</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {scopes.map((scope) => (
          <ScopeRow key={scope.ref.scope} application={application} scope={scope} />
        ))}
      </Table.Tbody>
    </Table>
  </div>
)

function ScopeRow({ application, scope }: { application: string; scope: Scope }) {
  const name = scope.ref.scope
  const { data } = useQuery(status(application, name))
  const health = data && healthOf(data)
  const replicas = data && replicasOf(data)
  const moving = data?.inProgress
  return (
    <Table.Tr>
      <Table.Td>
        <Link to="/applications/$application/$scope" params={{ application, scope: name }} className="plain-link">
          <b style={{ fontWeight: 560 }}>{name}</b>
        </Link>
      </Table.Td>
      <Table.Td>
        <Release version={data?.version} />
        {moving && (
          <Link to="/deployments/$id" params={{ id: moving.id }} className={`plain-link ${styles.moving}`} style={{ marginLeft: 8 }}>
            → <Release version={moving.version} />
            <span className={styles.track}>
              <b style={{ width: `${candidateWeight(moving.lanes)}%` }} />
            </span>
            <span className="quiet">{plain(moving.phase)}</span>
          </Link>
        )}
      </Table.Td>
      <Table.Td>
        {health && (
          <Tooltip label={health.why} disabled={!health.why} multiline maw={360}>
            <span>
              <State tone={health.tone}>{health.word}</State>
            </span>
          </Tooltip>
        )}
      </Table.Td>
      <Table.Td className="end num">{replicas && `${replicas.ready} / ${replicas.wanted}`}</Table.Td>
      <Table.Td className="end num">{data?.rate ? count(data.rate.requests) : <span className="quiet">–</span>}</Table.Td>
      <Table.Td className="end num" style={data?.rate && data.rate.errors > 0.01 ? { color: 'var(--mantine-color-error)' } : undefined}>
        {data?.rate ? percent(data.rate.errors) : <span className="quiet">–</span>}
      </Table.Td>
      <Table.Td className="quiet">{scope.compute === 'serverless' ? 'Clusters' : 'Instances'}</Table.Td>
    </Table.Tr>
  )
}

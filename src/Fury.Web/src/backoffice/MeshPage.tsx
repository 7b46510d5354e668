import { Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { mesh, proxies } from '../api/queries'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { plain, titled } from '../ui/words'

/** Who routes what, and who is behind. */
export function MeshPage() {
  const now = useQuery(mesh)
  const known = useQuery(proxies)
  return (
    <>
      <Heading
        title="Mesh"
        facts={now.data && [`revision ${now.data.revision}`, `${now.data.connectedProxies} proxies connected`, `${now.data.goneProxies} gone`]}
      />
      {now.error && <Trouble error={now.error} retry={() => void now.refetch()} />}
      <Panel title="Behind" aside={<span className="quiet">who has not applied the newest routes, and why</span>}>
        {now.data?.behind.length === 0 && <Empty title="Every proxy has the newest routes." />}
        <div className="rows">
          {now.data?.behind.map((one) => (
            <div key={`${one.proxy}${one.scope}`} style={{ flexWrap: 'wrap' }}>
              <State tone={one.stage === 'rejected' ? 'bad' : 'wait'}>{titled(one.stage)}</State>
              <b style={{ fontWeight: 560 }}>{one.proxy}</b>
              <span className="quiet">{one.scope}</span>
              <span className="grow">{one.detail}</span>
              <span className="quiet">
                since <When at={one.since} />
              </span>
            </div>
          ))}
        </div>
      </Panel>
      <Panel title="Proxies">
        {known.data?.items.length === 0 && <Empty title="No proxy has connected yet." />}
        {(known.data?.items.length ?? 0) > 0 && (
          <div className="scroll-x">
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Proxy</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Of</Table.Th>
                  <Table.Th>Sends to</Table.Th>
                  <Table.Th>Connected to</Table.Th>
                  <Table.Th>Since</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {known.data!.items.map((one) => (
                  <Table.Tr key={one.proxy}>
                    <Table.Td>
                      <b style={{ fontWeight: 560 }}>{one.proxy}</b> <span className="quiet">{plain(one.agent)}</span>
                    </Table.Td>
                    <Table.Td>
                      <State tone={one.leftAt ? 'none' : 'ok'}>{one.leftAt ? 'Gone' : 'Connected'}</State>
                    </Table.Td>
                    <Table.Td>{one.scope || '–'}</Table.Td>
                    <Table.Td className="quiet">
                      {one.uses.length > 4 ? `${one.uses.slice(0, 4).join(', ')} and ${one.uses.length - 4} more` : one.uses.join(', ')}
                    </Table.Td>
                    <Table.Td className="quiet">{one.host}</Table.Td>
                    <Table.Td className="quiet">
                      <When at={one.leftAt ?? one.connectedAt} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Panel>
    </>
  )
}

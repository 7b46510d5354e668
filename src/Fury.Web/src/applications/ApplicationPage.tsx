import { Button, Group, Menu, Skeleton } from '@mantine/core'
import { IconPlus, IconRocket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { application, scopes, services, versions } from '../api/queries'
import { DeploymentList } from '../deployments/DeploymentList'
import { Empty, Panel, Trouble, When } from '../ui/Bits'
import { LinkButton } from '../ui/LinkButton'
import { Guard } from '../ui/Me'
import { Heading } from '../ui/Heading'
import { plain, titled } from '../ui/words'
import { ScopeTable } from './ScopeTable'
import styles from './Application.module.css'

/** One application: who runs which version where, and how it is. */
export function ApplicationPage() {
  const { application: name } = useParams({ from: '/applications/$application' })
  const its = useQuery(application(name))
  const all = useQuery(scopes(name))
  if (its.error) {
    return <Trouble error={its.error} retry={() => void its.refetch()} />
  }
  return (
    <>
      <Heading
        title={name}
        facts={its.data && [its.data.team, `${titled(its.data.criticality)} criticality`]}
        actions={
          <>
            <Guard may="create-version">
              <LinkButton
                to="/applications/$application/new-version"
                params={{ application: name }}
                variant="default"
                leftSection={<IconPlus size={14} />}
              >
                New version
              </LinkButton>
            </Guard>
            <Guard may="config">
              <LinkButton
                to="/applications/$application/new-scope"
                params={{ application: name }}
                variant="default"
                leftSection={<IconPlus size={14} />}
              >
                New scope
              </LinkButton>
            </Guard>
          </>
        }
      />
      <div className={styles.stack}>
        <Panel title="Scopes">
          {all.isLoading && <Skeleton height={80} m="md" w="auto" />}
          {all.error && (
            <div className="body">
              <Trouble error={all.error} retry={() => void all.refetch()} />
            </div>
          )}
          {all.data && all.data.items.length === 0 && (
            <Empty title="It has no scope yet.">A scope is what is deployed, scaled and routed to, such as production-web.</Empty>
          )}
          {all.data && all.data.items.length > 0 && <ScopeTable application={name} scopes={all.data.items} />}
        </Panel>
        <div className={styles.two}>
          <DeploymentList title="Deployments" query={{ application: name, limit: 10 }} empty="Nothing was deployed yet." isPaged />
          <div className={styles.stack}>
            <Versions name={name} scopes={all.data?.items.map((one) => one.ref.scope) ?? []} />
            <Services name={name} />
          </div>
        </div>
      </div>
    </>
  )
}

function Versions({ name, scopes }: { name: string; scopes: string[] }) {
  const navigate = useNavigate()
  const found = useQuery(versions(name))
  return (
    <Panel title="Versions">
      {found.data?.items.length === 0 && <Empty title="No version is registered.">A version is an artifact that never changes, such as 1.4.0.</Empty>}
      <div className="rows">
        {found.data?.items.slice(0, 12).map((one) => (
          <div key={one.version}>
            <b className="num grow cut" style={{ fontWeight: 560 }}>
              {one.version}
            </b>
            {one.forwardOnly && <span className="quiet">only forward</span>}
            <span className="quiet">
              <When at={one.createdAt} />
            </span>
            {scopes.length > 0 && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button variant="subtle" size="compact-xs" leftSection={<IconRocket size={13} />} aria-label={`Deploy ${one.version}`}>
                    Deploy
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  {scopes.map((scope) => (
                    <Menu.Item
                      key={scope}
                      onClick={() =>
                        void navigate({
                          to: '/applications/$application/$scope/deploy',
                          params: { application: name, scope },
                          search: { version: one.version },
                        })
                      }
                    >
                      to {scope}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
            )}
          </div>
        ))}
      </div>
    </Panel>
  )
}

function Services({ name }: { name: string }) {
  const found = useQuery(services(name))
  return (
    <Panel
      title="Services"
      aside={
        <LinkButton to="/applications/$application/new-service" params={{ application: name }} variant="subtle" size="compact-xs">
          New service
        </LinkButton>
      }
    >
      {found.data?.items.length === 0 && (
        <Empty title="It uses no cloud service.">Declared here, bound to a provider in each scope, and switched while it runs.</Empty>
      )}
      <div className="rows">
        {found.data?.items.map((one) => (
          <div key={`${one.kind}/${one.name}`}>
            <span className="grow cut">{one.name}</span>
            <span className="quiet">{plain(one.kind)}</span>
          </div>
        ))}
      </div>
    </Panel>
  )
}

/** The way back up from a scope. */
export const Crumbs = ({ application: name, scope: its }: { application: string; scope?: string }) => (
  <Group gap={6} component="nav" aria-label="Where you are">
    <Link to="/applications/$application" params={{ application: name }}>
      {name}
    </Link>
    {its && (
      <>
        <span className="quiet" aria-hidden>
          /
        </span>
        <Link to="/applications/$application/$scope" params={{ application: name, scope: its }}>
          {its}
        </Link>
      </>
    )}
  </Group>
)

import { Button, Modal } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agentVersions } from '../api/office'
import { Empty, Panel, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { Guard } from '../ui/Me'
import { ScopeLink } from '../ui/ScopeLink'
import { counted } from '../ui/words'
import { type AgentGroup, byVersion, othersOf, scopeOf, targetsOf, TARGETS_MAX } from './agents'
import { CampaignForm } from './CampaignForm'

/** Which version of the agent runs where, and the campaign that brings newer ones. */
export function AgentsPage() {
  const list = useInfiniteQuery(agentVersions)
  const [chosen, setChosen] = useState<AgentGroup[]>()
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  const groups = byVersion(found)
  const others = othersOf(groups)
  return (
    <>
      <Heading
        title="Agents"
        facts={['Of instances of a cloud, by version, the newest first.', list.hasNextPage && `Of the first ${counted(found.length, 'line')}, by scope.`]}
        actions={
          others.length > 0 && (
            <Guard may="deploy">
              <Button onClick={() => setChosen(others)}>Upgrade the others</Button>
            </Guard>
          )
        }
      />
      {list.error && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {groups.length === 0 && !list.error && (
        <Panel label="Agents">
          {list.isPending ? (
            <Empty title="Asking for the agents …" />
          ) : (
            <Empty title="Nothing runs on instances of a cloud.">
              Each version of the agent stands here, with the scopes whose instances run it. Instances on the machine of a host have none.
            </Empty>
          )}
        </Panel>
      )}
      {groups.map((one) => (
        <Version key={one.version ?? ''} of={one} choose={() => setChosen([one])} />
      ))}
      {list.hasNextPage && (
        <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Show more
        </Button>
      )}
      <Modal opened={!!chosen} onClose={() => setChosen(undefined)} title="New campaign" size="lg" centered>
        {chosen && <Upgrade of={chosen} isPart={list.hasNextPage} />}
      </Modal>
    </>
  )
}

const nameOf = ({ version }: AgentGroup) => version ?? 'Does not say'

function Version({ of, choose }: { of: AgentGroup; choose: () => void }) {
  return (
    <Panel
      title={nameOf(of)}
      aside={
        <>
          <span className="quiet num">
            {counted(of.instances, 'instance')} in {counted(of.scopes.length, 'scope')}, the oldest asked for <When at={of.oldestAt} />
          </span>
          <span style={{ flex: 'none' }}>
            <Guard may="deploy">
              <Button variant="default" size="compact-xs" onClick={choose} aria-label={`Start a campaign for these: ${nameOf(of)}`}>
                Start a campaign for these
              </Button>
            </Guard>
          </span>
        </>
      }
    >
      <div className="rows">
        {of.scopes.map((one) => (
          <div key={one.scope}>
            <span className="grow">
              <ScopeLink of={scopeOf(one)} />
            </span>
            <span className="num">{counted(one.instances, 'instance')}</span>
            <span className="quiet">
              <When at={one.oldestAt} />
            </span>
          </div>
        ))}
      </div>
      {of.version === undefined && (
        <div className="body quiet">They are of before agents said their version, or have told nothing in the last 10 minutes.</div>
      )}
    </Panel>
  )
}

/** What brings new instances of what runs: they start with the agent that is in the settings by then. What was chosen stays as it was then. */
function Upgrade({ of, isPart }: { of: AgentGroup[]; isPart: boolean }) {
  const [{ lines, left }] = useState(() => targetsOf(of))
  return (
    <div style={{ display: 'grid', gap: 12, fontSize: 13 }}>
      <p style={{ margin: 0 }}>
        Each scope is deployed again as it is, without a version. Its new instances start with the agent that the hosts have in their settings.
      </p>
      {left > 0 && (
        <div className="note wait" role="status">
          A campaign has at most {TARGETS_MAX.toLocaleString('en-US')} targets. These are the first; {counted(left, 'scope')} more will need another one.
        </div>
      )}
      {isPart && (
        <div className="note wait" role="status">
          These are of what is shown. There may be more scopes: <b>Show more</b> brings them.
        </div>
      )}
      <CampaignForm targets={lines} />
    </div>
  )
}

import { Button, Modal } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { freezes } from '../api/queries'
import type { Freeze } from '../api/types'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { Guard, useName } from '../ui/Me'
import { ReasonForm } from '../ui/ReasonForm'
import { exact, plain, span } from '../ui/words'
import { FreezeForm } from './FreezeForm'

/** When deployments may be, and when not. */
export function FreezesPage() {
  const found = useQuery(freezes)
  const [isAdding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<Freeze>()
  return (
    <>
      <Heading
        title="Freezes"
        facts={['A deployment that a freeze covers waits, and says so. Going back is always possible.']}
        actions={
          <Guard may="freeze">
            <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
              New freeze
            </Button>
          </Guard>
        }
      />
      <Panel label="Freezes">
        {found.error && (
          <div className="body">
            <Trouble error={found.error} retry={() => void found.refetch()} />
          </div>
        )}
        {found.data?.items.length === 0 && (
          <Empty title="Nothing is frozen.">
            A freeze keeps scopes from being deployed to, for a while, again and again, or until it is removed.
          </Empty>
        )}
        <div className="rows">
          {found.data?.items.map((one) => (
            <div key={one.name} style={{ flexWrap: 'wrap' }}>
              <div className="grow" style={{ minWidth: 220 }}>
                <b style={{ fontWeight: 560 }}>{one.name}</b> <span className="quiet">{one.kind === 'deny' ? 'forbids' : 'allows only then'}</span>
                <div className="quiet">{coversOf(one)}</div>
                <div className="quiet">
                  {one.reason}, by {one.by}
                </div>
              </div>
              <div style={{ textAlign: 'right' }}>
                <State tone={one.isNow ? (one.kind === 'deny' ? 'wait' : 'ok') : 'none'}>{one.isNow ? 'Now' : 'Not now'}</State>
                <div className="quiet num">
                  {one.recurs ? `${one.recurs.cron} ${one.recurs.timeZone}, ${span(one.recurs.minutes * 60)} each` : timesOf(one)}
                  {one.until && (
                    <>
                      {' '}
                      · until <When at={one.until} />
                    </>
                  )}
                </div>
                <div className="quiet">what is on its way: {plain(one.inFlight)}</div>
              </div>
              <Guard may="freeze">
                <Button variant="default" onClick={() => setRemoved(one)} aria-label={`Remove ${one.name}`}>
                  Remove
                </Button>
              </Guard>
            </div>
          ))}
        </div>
      </Panel>
      <Modal opened={isAdding} onClose={() => setAdding(false)} title="New freeze" size="lg" centered>
        <FreezeForm close={() => setAdding(false)} />
      </Modal>
      <Modal opened={!!removed} onClose={() => setRemoved(undefined)} title={removed && `Remove ${removed.name}`} centered>
        {removed && <Remove freeze={removed} close={() => setRemoved(undefined)} />}
      </Modal>
    </>
  )
}

function coversOf({ covers }: Freeze) {
  const parts = [
    ...covers.teams.map((one) => `team ${one}`),
    ...covers.applications,
    ...covers.scopes,
    ...covers.criticalities.map((one) => `${one} criticality`),
    ...covers.providers,
    ...covers.regions,
  ]
  return parts.length === 0 ? 'the whole organisation' : parts.join(', ')
}

const timesOf = ({ from, to }: Freeze) =>
  from && to ? `${exact(from)} to ${exact(to)}` : from ? `from ${exact(from)}` : to ? `to ${exact(to)}` : 'until it is removed'

/** Lets deployments go on again. */
export function Remove({ freeze, close }: { freeze: Freeze; close: () => void }) {
  const client = useQueryClient()
  const by = useName()
  return (
    <ReasonForm
      says="What waits for it, or is held by it, goes on by itself."
      label="Remove it"
      send={(reason) => ok(api.POST('/api/v1/freezes/{name}/remove', { params: { path: { name: freeze.name } }, body: { by, reason } }))}
      done={() => (void client.invalidateQueries({ queryKey: ['freezes'] }), close())}
    />
  )
}

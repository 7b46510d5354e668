import { Button, Modal } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { type Campaign, campaigns } from '../api/office'
import { Empty, Panel, State, type Tone, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { Guard } from '../ui/Me'
import { titled } from '../ui/words'
import { CampaignForm } from './CampaignForm'
import styles from './Campaigns.module.css'

export const toneOfCampaign = (of: Campaign): Tone =>
  ({ running: 'busy', stopped: 'wait', done: of.counts.failed > 0 ? 'wait' : 'ok', aborted: 'none' })[of.state] as Tone

/** One change for many scopes, in waves that the first failures stop. */
export function CampaignsPage() {
  const list = useInfiniteQuery(campaigns)
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  const [isAdding, setAdding] = useState(false)
  return (
    <>
      <Heading
        title="Campaigns"
        facts={['One change for many scopes, wave by wave; it stops when too many of them fail.']}
        actions={
          <Guard may="deploy">
            <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
              New campaign
            </Button>
          </Guard>
        }
      />
      <Panel label="Campaigns">
        {list.error && (
          <div className="body">
            <Trouble error={list.error} retry={() => void list.refetch()} />
          </div>
        )}
        {list.isPending && <Empty title="Asking for the campaigns …" />}
        {list.data && found.length === 0 && (
          <Empty title="There was no campaign yet.">
            A new base image, a flag, a library with a fix: each stands here with its waves, and how many scopes have it.
          </Empty>
        )}
        <div className="rows">
          {found.map((one) => (
            <Link key={one.id} to="/backoffice/campaigns/$id" params={{ id: one.id }} style={{ flexWrap: 'wrap' }}>
              <div className="grow" style={{ minWidth: 200 }}>
                <b style={{ fontWeight: 560 }}>{one.name}</b> <span className="quiet">by {one.by}</span>
                <div className="quiet">{one.why}</div>
              </div>
              <div style={{ minWidth: 180, flex: '0 1 260px' }}>
                <Progress of={one} />
              </div>
              <div style={{ textAlign: 'right', minWidth: 90 }}>
                <State tone={toneOfCampaign(one)}>{titled(one.state)}</State>
                <div className="quiet">
                  <When at={one.endedAt ?? one.createdAt} />
                </div>
              </div>
            </Link>
          ))}
        </div>
        {list.hasNextPage && (
          <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            Show more
          </Button>
        )}
      </Panel>
      <Modal opened={isAdding} onClose={() => setAdding(false)} title="New campaign" size="lg" centered>
        <CampaignForm />
      </Modal>
    </>
  )
}

/** How many have it, how many have not, and who failed; in words too. */
export function Progress({ of: { counts } }: { of: Pick<Campaign, 'counts'> }) {
  const all = counts.waiting + counts.running + counts.done + counts.failed + counts.skipped
  const part = (value: number) => `${all > 0 ? (value / all) * 100 : 0}%`
  const words = [
    `${counts.done} of ${all} done`,
    counts.running > 0 && `${counts.running} in flight`,
    counts.failed > 0 && `${counts.failed} failed`,
    counts.skipped > 0 && `${counts.skipped} skipped`,
  ]
  return (
    <div>
      <div className={styles.track} aria-hidden>
        <i className={styles.done} style={{ width: part(counts.done) }} />
        <i className={styles.running} style={{ width: part(counts.running) }} />
        <i className={styles.failed} style={{ width: part(counts.failed) }} />
        <i className={styles.skipped} style={{ width: part(counts.skipped) }} />
      </div>
      <span className="quiet num" style={{ fontSize: 12 }}>
        {words.filter(Boolean).join(', ')}
      </span>
    </div>
  )
}

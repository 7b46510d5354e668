import { Button, Modal } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { campaigns } from '../api/office'
import { Empty } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { Guard } from '../ui/Me'
import { CampaignForm } from './CampaignForm'
import { RunLine, Runs } from './Waves'

/** One change for many scopes, in waves that the first failures stop. */
export function CampaignsPage() {
  const list = useInfiniteQuery(campaigns)
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
      <Runs
        of={list}
        label="Campaigns"
        none={
          <Empty title="There was no campaign yet.">
            A new base image, a flag, a library with a fix: each stands here with its waves, and how many scopes have it.
          </Empty>
        }
      >
        {(one) => (
          <Link key={one.id} to="/backoffice/campaigns/$id" params={{ id: one.id }} style={{ flexWrap: 'wrap' }}>
            <RunLine of={one} />
          </Link>
        )}
      </Runs>
      <Modal opened={isAdding} onClose={() => setAdding(false)} title="New campaign" size="lg" centered>
        <CampaignForm />
      </Modal>
    </>
  )
}

import { IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { upgrades } from '../api/office'
import { Empty } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { LinkButton } from '../ui/LinkButton'
import { Guard } from '../ui/Me'
import { RunLine, Runs } from './Waves'

/** Control planes of many clusters brought to one version, in waves. */
export function UpgradesPage() {
  const list = useInfiniteQuery(upgrades)
  return (
    <>
      <Heading
        title="Upgrades"
        facts={['Control planes brought to one version, wave by wave, the least critical first.']}
        actions={
          <Guard may="operate">
            <LinkButton to="/backoffice/upgrades/new" leftSection={<IconPlus size={14} />}>
              New upgrade
            </LinkButton>
          </Guard>
        }
      />
      <Runs
        of={list}
        label="Upgrades"
        none={
          <Empty title="There was no upgrade yet.">
            Each stands here with its waves, and how many clusters have the version. Its plan is shown before anything is done.
          </Empty>
        }
      >
        {(one) => (
          <Link key={one.id} to="/backoffice/upgrades/$id" params={{ id: one.id! }} style={{ flexWrap: 'wrap' }}>
            <RunLine of={one} more={`to ${one.version}`} />
          </Link>
        )}
      </Runs>
    </>
  )
}

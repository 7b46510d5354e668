import { Button, Kbd, Loader, TextInput } from '@mantine/core'
import { useDebouncedValue, useHotkeys } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { applications } from '../api/queries'
import { DeploymentList } from '../deployments/DeploymentList'
import { Empty, Panel, Trouble } from '../ui/Bits'
import { LinkButton } from '../ui/LinkButton'
import { Guard } from '../ui/Me'
import { TYPING_MS } from '../ui/QuickSearch'
import { Criticality } from '../ui/Tags'
import styles from './Home.module.css'

/** The start: some letters lead to an application, and beside them is what moves now. */
export function Home() {
  const { q = '' } = useSearch({ from: '/' })
  const [text, setText] = useState(q)
  const [at, setAt] = useState(0)
  const [search] = useDebouncedValue(text.trim().toLowerCase(), TYPING_MS)
  const navigate = useNavigate({ from: '/' })
  const input = useRef<HTMLInputElement>(null)
  const list = useInfiniteQuery(applications(search))
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  useHotkeys([
    ['/', () => input.current?.focus()],
    ['mod+K', () => input.current?.focus()],
  ])
  useEffect(() => {
    void navigate({ to: '/', search: { q: search || undefined }, replace: true })
  }, [search, navigate])

  const press = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      const next = Math.min(Math.max(0, at + step), Math.max(0, found.length - 1))
      setAt(next)
      document.getElementById(`found-${next}`)?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter' && found[at]) {
      void navigate({ to: '/applications/$application', params: { application: found[at].name } })
    } else if (event.key === 'Escape') {
      setText('')
    }
  }

  return (
    <div className={styles.home}>
      <h1 className={styles.hidden}>Applications</h1>
      <div className={styles.find}>
        <TextInput
          ref={input}
          size="lg"
          value={text}
          autoFocus
          aria-label="Search applications and teams"
          placeholder="Which application?"
          role="combobox"
          aria-expanded
          aria-controls="found"
          aria-activedescendant={found[at] ? `found-${at}` : undefined}
          leftSection={<IconSearch size={19} />}
          rightSection={list.isFetching ? <Loader size={16} /> : <Kbd>/</Kbd>}
          rightSectionWidth={46}
          onChange={(event) => (setText(event.currentTarget.value), setAt(0))}
          onKeyDown={press}
        />
      </div>
      <div className={styles.columns}>
        <Panel
          title={search ? 'Found' : 'Applications'}
          aside={
            <Guard may="administer">
              <LinkButton to="/applications/new" variant="default" leftSection={<IconPlus size={14} />}>
                New application
              </LinkButton>
            </Guard>
          }
        >
          {list.error && !list.data ? (
            <div className="body">
              <Trouble error={list.error} retry={() => void list.refetch()} />
            </div>
          ) : null}
          {list.data && found.length === 0 && <Nothing search={search} />}
          <div className="rows" id="found" role="listbox" aria-label="Applications">
            {found.map((one, index) => (
              <Link
                key={one.name}
                id={`found-${index}`}
                role="option"
                aria-selected={index === at}
                to="/applications/$application"
                params={{ application: one.name }}
                className={index === at && text ? 'on' : undefined}
                preload={false}
              >
                <span className={`grow cut ${styles.name}`}>{one.name}</span>
                <span className="quiet cut">{one.team}</span>
                <Criticality of={one.criticality} />
              </Link>
            ))}
          </div>
          {list.hasNextPage && (
            <div className={styles.more}>
              <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
                Show more
              </Button>
            </div>
          )}
        </Panel>
        <div className={styles.moving}>
          <DeploymentList title="In progress" query={{ ended: false, limit: 8 }} empty="Nothing is being deployed." />
          <DeploymentList title="Ended last" query={{ ended: true, limit: 8 }} empty="No deployment has ended yet." />
        </div>
      </div>
    </div>
  )
}

const Nothing = ({ search }: { search: string }) =>
  search ? (
    <Empty title="No application and no team is called so.">A part of its name is enough, such as "pay" for payments.</Empty>
  ) : (
    <Empty title="There is no application yet.">
      Create the first one here, or let <code className="mono">./dev quickstart</code> show what Fury does.
    </Empty>
  )

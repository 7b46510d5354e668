import { Button, Group, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconDownload, IconShieldCheck } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ok, raw } from '../api/client'
import { audit, type AuditFilter } from '../api/office'
import { me } from '../api/queries'
import { readToken } from '../api/token'
import type { Permission } from '../api/types'
import { Empty, Panel, Trouble } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { AuditLine } from './AuditLine'
import styles from './Audit.module.css'

const PERMISSIONS: Permission[] = [
  'view', 'create-version', 'deploy', 'rollback', 'scale', 'config', 'secrets', 'freeze', 'approve', 'exec', 'operate', 'administer',
]
const EXPORT = '/api/v1/audit/export'
const TYPING_MS = 300

/** Who has done what, and who was kept from it. */
export function AuditPage() {
  const filter = useSearch({ from: '/backoffice/audit' })
  const list = useInfiniteQuery(audit(filter))
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  const isFiltered = Object.values(filter).some(Boolean)
  const check = useMutation({ mutationFn: () => ok(api.GET('/api/v1/audit/verify')) })
  const save = useMutation({ mutationFn: download })
  return (
    <>
      <Heading
        title="Audit"
        facts={['Each change, and each refusal to somebody who is known. It only grows.']}
        actions={
          <>
            <Button variant="default" leftSection={<IconShieldCheck size={14} />} onClick={() => check.mutate()} loading={check.isPending}>
              Verify the chain
            </Button>
            <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => save.mutate()} loading={save.isPending}>
              Export all
            </Button>
          </>
        }
      />
      {check.data && <Verdict of={check.data} />}
      {(check.error ?? save.error) && <Trouble error={check.error ?? save.error} />}
      <Panel title="Newest first" aside={<Refresh of={list} />}>
        <Filters of={filter} />
        {list.error && (
          <div className="body">
            <Trouble error={list.error} retry={() => void list.refetch()} />
          </div>
        )}
        {list.isPending && <Empty title="Asking for the newest entries …" />}
        {list.data && found.length === 0 && (
          <Empty title={isFiltered ? 'Nothing like that is on record.' : 'Nothing is on record yet.'}>
            {isFiltered ? 'Names are matched whole, such as the application shop-web.' : 'The first change that somebody makes stands here.'}
          </Empty>
        )}
        <div className="rows" role="list" aria-label="Entries">
          {found.map((one) => (
            <AuditLine key={one.seq} of={one} />
          ))}
        </div>
        {list.hasNextPage && (
          <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            Older
          </Button>
        )}
      </Panel>
    </>
  )
}

const Refresh = ({ of }: { of: { refetch: () => unknown; isRefetching: boolean } }) => (
  <Button variant="subtle" size="compact-xs" onClick={() => void of.refetch()} loading={of.isRefetching}>
    Look again
  </Button>
)

function Verdict({ of }: { of: { rows: number; brokenAt?: number | null; head?: string | null } }) {
  return of.brokenAt ? (
    <div className="note bad" role="status">
      <b>The chain is broken at entry {of.brokenAt}.</b> That entry is missing or is not what was written. {of.rows} before it are whole.
    </div>
  ) : (
    <div className="note ok" role="status">
      <b>The chain is whole:</b> each of {of.rows} entries is what was written after the one before it. Its head is{' '}
      <span className="mono">{of.head ?? 'nothing yet'}</span>. Note it elsewhere: with it a trail that was cut off is noticed.
    </div>
  )
}

/** What is asked for stands in the address, so that a view can be sent to somebody. */
function Filters({ of }: { of: AuditFilter }) {
  const navigate = useNavigate({ from: '/backoffice/audit' })
  const { data } = useQuery(me)
  // Fields that hold what was typed are made anew when all of it is asked for.
  const [round, setRound] = useState(0)
  const set = (more: Partial<AuditFilter>) => void navigate({ to: '.', search: (before: AuditFilter) => ({ ...before, ...more }), replace: true })
  return (
    <div className={styles.filters} role="search" aria-label="Filter the entries">
      <Word key={`who-${round}`} label="Who" placeholder={data?.name ?? 'ann'} value={of.caller} set={(caller) => set({ caller })} />
      <Word key={`application-${round}`} label="Application" placeholder="shop" value={of.application} set={(application) => set({ application })} />
      <Select
        size="xs"
        label="Permission"
        placeholder="Any"
        clearable
        searchable
        allowDeselect
        data={PERMISSIONS}
        value={of.permission ?? null}
        onChange={(permission) => set({ permission: permission ?? undefined })}
      />
      <Select
        size="xs"
        label="Result"
        placeholder="Any"
        clearable
        allowDeselect
        data={[
          { value: 'allowed', label: 'Allowed' },
          { value: 'denied', label: 'Denied' },
        ]}
        value={of.result ?? null}
        onChange={(result) => set({ result: result ?? undefined })}
      />
      <Time label="From" value={of.from} set={(from) => set({ from })} />
      <Time label="Before" value={of.to} set={(to) => set({ to })} />
      {Object.values(of).some(Boolean) && (
        <Group align="end">
          <Button
            variant="subtle"
            onClick={() => {
              setRound(round + 1)
              void navigate({ to: '.', search: {}, replace: true })
            }}
          >
            All of it
          </Button>
        </Group>
      )}
    </div>
  )
}

interface FieldProps {
  label: string
  placeholder?: string
  value?: string
  set: (value: string | undefined) => void
}

/** Leads to another address once nothing more is typed for a moment. */
function Word({ label, placeholder, value = '', set }: FieldProps) {
  const [text, setText] = useState(value)
  const say = useDebouncedCallback((written: string) => set(written.trim() || undefined), TYPING_MS)
  return (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        say(event.currentTarget.value)
      }}
    />
  )
}

/** A moment of the reader's own time; in the address it is UTC. */
const Time = ({ label, value, set }: FieldProps) => (
  <TextInput
    size="xs"
    type="datetime-local"
    label={label}
    value={local(value)}
    onChange={(event) => set(event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : undefined)}
  />
)

function local(value?: string) {
  const at = Date.parse(value ?? '')
  return Number.isNaN(at) ? '' : new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Where a cookie or nothing is asked for the browser writes it to a file by itself; a token has to go with the request. */
async function download() {
  const link = document.createElement('a')
  link.download = 'audit.jsonl'
  if (readToken()) {
    link.href = URL.createObjectURL(await (await raw(EXPORT)).blob())
    link.click()
    URL.revokeObjectURL(link.href)
  } else {
    link.href = EXPORT
    link.click()
  }
}

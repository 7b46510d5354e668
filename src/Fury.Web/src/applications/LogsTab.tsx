import { Button, Group, Switch, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { raw } from '../api/client'
import { asProblem } from '../api/problem'
import { pieces } from '../api/stream'
import { Empty, Panel } from '../ui/Bits'
import styles from './Logs.module.css'

const LINES_MAX = 5000
const TAIL = 500
const DRAW_MS = 200

/** The lines of a scope as they come: at most {@link LINES_MAX} are held, drawn a few times a second however many come. */
function useLines(path: string, isFollowing: boolean) {
  const [lines, setLines] = useState<string[]>([])
  const [trouble, setTrouble] = useState<string>()
  useEffect(() => {
    const stop = new AbortController()
    let held: string[] = []
    let rest = ''
    let isNew = true
    const timer = setInterval(() => {
      if (isNew) {
        isNew = false
        setLines(held)
      }
    }, DRAW_MS)
    void (async () => {
      try {
        for await (const piece of pieces(await raw(`${path}?tail=${TAIL}${isFollowing ? '&follow=true' : ''}`, { signal: stop.signal }))) {
          const all = (rest + piece).split('\n')
          rest = all.pop() ?? ''
          held = [...held, ...all].slice(-LINES_MAX)
          isNew = true
        }
        setTrouble(undefined)
      } catch (error) {
        if (!stop.signal.aborted) {
          setTrouble(asProblem(error).message)
        }
      }
    })()
    return () => {
      stop.abort()
      clearInterval(timer)
    }
  }, [path, isFollowing])
  return { lines, trouble }
}

export function LogsTab({ application, scope }: { application: string; scope: string }) {
  return <Lines title="Logs of all replicas" path={`/api/v1/applications/${application}/scopes/${scope}/logs`} />
}

export function Lines({ title, path }: { title: string; path: string }) {
  const [isFollowing, setFollowing] = useState(true)
  const [search, setSearch] = useState('')
  const { lines, trouble } = useLines(path, isFollowing)
  const view = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const shown = useMemo(() => {
    const wanted = search.toLowerCase()
    return (wanted ? lines.filter((line) => line.toLowerCase().includes(wanted)) : lines).slice(-2000)
  }, [lines, search])
  useEffect(() => {
    if (isAtEnd.current && view.current) {
      view.current.scrollTop = view.current.scrollHeight
    }
  }, [shown])
  const save = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([lines.join('\n')], { type: 'text/plain' }))
    link.download = 'logs.txt'
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <Panel
      title={title}
      aside={
        <Group gap="sm">
          <TextInput
            size="xs"
            aria-label="Search in the lines"
            placeholder="Only lines with…"
            leftSection={<IconSearch size={14} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Switch size="xs" label="Follow" checked={isFollowing} onChange={(event) => setFollowing(event.currentTarget.checked)} />
          <Button variant="default" onClick={save} disabled={lines.length === 0}>
            Save
          </Button>
        </Group>
      }
    >
      {trouble && <div className="note wait">{trouble}</div>}
      <div
        ref={view}
        className={styles.lines}
        tabIndex={0}
        role="log"
        aria-label="Lines"
        onScroll={({ currentTarget: it }) => (isAtEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 30)}
      >
        {shown.length === 0 && (
          <Empty title={search ? 'No line has that in it.' : 'No line was written yet.'}>
            {search ? `${lines.length} lines are looked through.` : 'New ones appear here as they are written.'}
          </Empty>
        )}
        {shown.map((line, index) => (
          <Line key={index} text={line} />
        ))}
      </div>
    </Panel>
  )
}

/** The time, where the engine tells it, and the replica stand back behind what was written. */
function Line({ text }: { text: string }) {
  const [, time = '', replica, rest] = /^(?:\d{4}-\d\d-\d\dT(\S{12})Z)? ?([\da-f]{6}\/[\da-f]{6}) (.*)$/.exec(text) ?? []
  return (
    <div className={/\b(error|fail|fatal|exception)/i.test(rest ?? text) ? styles.bad : undefined}>
      {replica && (
        <span className="quiet">
          {time} {replica}{' '}
        </span>
      )}
      {rest ?? text}
    </div>
  )
}

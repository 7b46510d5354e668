import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api, ok } from '../api/client'
import { asProblem } from '../api/problem'
import { follow, type StreamState } from '../api/stream'
import type { DeploymentEvent, TrafficPoint } from '../api/types'
import { isOver } from '../ui/words'

const DRAW_MS = 400
const ASK_MS = 1_000
const TRAFFIC_MS = 1_000
const EVENTS_MAX = 1_000
const POINTS_MAX = 1_800

/** The history of a deployment, as it is written. What it has changed is asked for again, at most a few times a second. */
export function useEvents(id: string) {
  const [events, setEvents] = useState<DeploymentEvent[]>([])
  const [state, setState] = useState<StreamState>('open')
  const client = useQueryClient()
  useEffect(() => {
    const stop = new AbortController()
    let held: DeploymentEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let last: { phase?: string; asked: number } = { asked: 0 }
    const draw = () => {
      timer = undefined
      setEvents(held)
      const phase = held.at(-1)?.phase
      if (phase !== last.phase || Date.now() - last.asked > ASK_MS) {
        last = { phase, asked: Date.now() }
        void client.invalidateQueries({ queryKey: ['deployment', id], exact: true })
      }
    }
    follow(`/api/v1/deployments/${id}/events`, {
      signal: stop.signal,
      onState: setState,
      isLast: (event) => isOver(event.event),
      onEvent: (event) => {
        held = [...held, JSON.parse(event.data) as DeploymentEvent].slice(-EVENTS_MAX)
        timer ??= setTimeout(draw, isOver(event.event) ? 0 : DRAW_MS)
      },
    }).catch(() => setState('lost'))
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [id, client])
  return { events, state }
}

/** What candidate and current have met, from the first tick on; while it is live, with what has come since. */
export function useTraffic(id: string, isLive: boolean) {
  const [points, setPoints] = useState<TrafficPoint[]>([])
  const last = useRef(0)
  const { data, error } = useQuery({
    queryKey: ['deployment', id, 'traffic'],
    gcTime: 0,
    refetchInterval: isLive ? TRAFFIC_MS : false,
    queryFn: async ({ signal }) =>
      ok(api.GET('/api/v1/deployments/{id}/traffic', { params: { path: { id }, query: { after: last.current } }, signal })),
  })
  useEffect(() => {
    const fresh = (data ?? []).filter((point) => point.tick > last.current)
    if (fresh.length > 0) {
      last.current = fresh.at(-1)!.tick
      setPoints((known) => [...known, ...fresh].slice(-POINTS_MAX))
    }
  }, [data])
  return { points, error: error && asProblem(error).status !== 409 ? error : null }
}

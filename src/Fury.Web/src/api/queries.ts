import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, ok } from './client'
import { rateOf } from './rates'

// One place for what is asked and how often it is asked again. Keys are paths, so that what a command has changed is found by its beginning.
const FAST = 1_000
const CALM = 5_000
const SLOW = 15_000

const of = (application: string, scope: string) => ({ params: { path: { application, scope } } })

/** Who one is, and what one may do on anything at all. */
export const me = queryOptions({
  queryKey: ['me'],
  staleTime: Infinity,
  retry: false,
  queryFn: ({ signal }) => ok(api.GET('/api/v1/me', { signal })),
})

/** What one may do on an application, or on a scope of it. */
export const meOn = (application: string, scope?: string) =>
  queryOptions({
    queryKey: ['me', application, scope],
    staleTime: 60 * FAST,
    retry: false,
    queryFn: ({ signal }) => ok(api.GET('/api/v1/me', { params: { query: { application, scope } }, signal })),
  })

export const applications = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['applications', search],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ok(api.GET('/api/v1/applications', { params: { query: { search: search || undefined, after: pageParam, limit: 50 } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  })

export const application = (name: string) =>
  queryOptions({
    queryKey: ['application', name],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}', { params: { path: { application: name } }, signal })),
  })

export const scopes = (name: string) =>
  queryOptions({
    queryKey: ['application', name, 'scopes'],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/v1/applications/{application}/scopes', { params: { path: { application: name }, query: { limit: 500 } }, signal })),
  })

export const versions = (name: string) =>
  queryOptions({
    queryKey: ['application', name, 'versions'],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/v1/applications/{application}/versions', { params: { path: { application: name }, query: { limit: 100 } }, signal })),
  })

export const services = (name: string) =>
  queryOptions({
    queryKey: ['application', name, 'services'],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/v1/applications/{application}/services', { params: { path: { application: name }, query: { limit: 500 } }, signal })),
  })

export const scope = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}/scopes/{scope}', { ...of(name, its), signal })),
  })

/** What a scope runs now. Asked for often only where something moves. */
export const status = (name: string, its: string, isMoving = false) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'status'],
    queryFn: async ({ signal }) => {
      const found = await ok(api.GET('/api/v1/applications/{application}/scopes/{scope}/status', { ...of(name, its), signal }))
      return { ...found, rate: rateOf(found, Date.now()) }
    },
    refetchInterval: isMoving ? FAST : CALM,
  })

export const gates = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'gates'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}/scopes/{scope}/gates', { ...of(name, its), signal })),
    refetchInterval: SLOW,
  })

export const releases = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'releases'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}/scopes/{scope}/releases', { ...of(name, its), signal })),
  })

export const bindings = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'bindings'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}/scopes/{scope}/bindings', { ...of(name, its), signal })),
    refetchInterval: CALM,
  })

export const jobs = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'jobs'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}/scopes/{scope}/jobs', { ...of(name, its), signal })),
    refetchInterval: CALM,
  })

export const schedules = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'schedules'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}/scopes/{scope}/schedules', { ...of(name, its), signal })),
    refetchInterval: SLOW,
  })

/** A scope has 100 at most. */
export const secrets = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'secrets'],
    queryFn: ({ signal }) =>
      ok(
        api.GET('/api/v1/applications/{application}/scopes/{scope}/secrets', {
          params: { path: { application: name, scope: its }, query: { limit: 100 } },
          signal,
        }),
      ),
    refetchInterval: SLOW,
  })

export const deploymentsOf = (name: string, its: string) =>
  queryOptions({
    queryKey: ['application', name, 'scope', its, 'deployments'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/applications/{application}/scopes/{scope}/deployments', { ...of(name, its), signal })),
    refetchInterval: CALM,
  })

export interface Fleet {
  application?: string
  ended?: boolean
  limit?: number
}

/** Deployments across scopes, newest first. */
export const fleet = (query: Fleet) =>
  infiniteQueryOptions({
    queryKey: ['deployments', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => ok(api.GET('/api/v1/deployments', { params: { query: { limit: 20, ...query, after: pageParam } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: CALM,
  })

export const deployment = (id: string) =>
  queryOptions({
    queryKey: ['deployment', id],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/deployments/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data && isEnded(query.state.data.phase) ? false : CALM),
  })

export const judgement = (id: string, isOn: boolean) =>
  queryOptions({
    queryKey: ['deployment', id, 'judgement'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/deployments/{id}/judgement', { params: { path: { id } }, signal })),
    refetchInterval: isOn ? 2 * FAST : false,
    retry: false,
  })

export const freezes = queryOptions({
  queryKey: ['freezes'],
  queryFn: ({ signal }) => ok(api.GET('/api/v1/freezes', { params: { query: { limit: 500 } }, signal })),
  refetchInterval: SLOW,
})

export const clusters = queryOptions({
  queryKey: ['clusters'],
  queryFn: ({ signal }) => ok(api.GET('/api/v1/clusters', { params: { query: { limit: 500 } }, signal })),
  refetchInterval: CALM,
})

export const sagas = (states: string[], name: string) =>
  infiniteQueryOptions({
    queryKey: ['sagas', states, name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ok(api.GET('/api/v1/sagas', { params: { query: { state: states, name: name || undefined, after: pageParam, limit: 50 } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: CALM,
  })

export const timeline = (id: string) =>
  queryOptions({
    queryKey: ['saga', id],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/sagas/{id}/timeline', { params: { path: { id } }, signal })),
    refetchInterval: 2 * FAST,
  })

export const mesh = queryOptions({
  queryKey: ['mesh'],
  queryFn: ({ signal }) => ok(api.GET('/api/v1/mesh/status', { signal })),
  refetchInterval: 2 * FAST,
})

export const proxies = queryOptions({
  queryKey: ['mesh', 'proxies'],
  queryFn: ({ signal }) => ok(api.GET('/api/v1/mesh/proxies', { params: { query: { limit: 500 } }, signal })),
  refetchInterval: CALM,
})

export interface Health {
  status: string
  checks: Record<string, { status: string; description?: string | null }>
}

/** Answers 503 with the same body while something is not well. */
export const health = queryOptions({
  queryKey: ['health'],
  queryFn: async ({ signal }) => (await (await fetch('/healthz/ready', { signal })).json()) as Health,
  refetchInterval: CALM,
})

export const about = queryOptions({
  queryKey: ['about'],
  staleTime: Infinity,
  queryFn: ({ signal }) => ok(api.GET('/api/v1/about', { signal })),
})

const isEnded = (phase: string) => phase === 'done' || phase === 'rolled-back' || phase === 'aborted'

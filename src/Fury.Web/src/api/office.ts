import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from './client'
import type { components } from './schema'

// What only pages of the back office ask for: it is loaded with them. As in queries.ts, keys are paths.
type Schemas = components['schemas']

export type AuditEntry = Schemas['AuditView']
export type Capacity = Schemas['CapacityView']
export type Holding = Schemas['HoldingView']
export type Campaign = Schemas['CampaignView']
export type Target = Schemas['TargetView']
export type Upgrade = Schemas['UpgradeView']
export type UpgradeTarget = Schemas['UpgradeTargetView']
export type UpgradeRequest = Schemas['UpgradeRequest']
export type AgentVersion = Schemas['AgentVersionView']
export type Webhook = Schemas['Webhook']
export type Delivery = Schemas['DeliveryView']

const LIVE = 2_000
const CALM = 5_000
const SLOW = 15_000
const PAGE = 50

export interface AuditFilter {
  caller?: string
  application?: string
  permission?: string
  result?: string
  from?: string
  to?: string
}

/** Newest first. It is not asked for again by itself: who reads it would lose the place. */
export const audit = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    staleTime: 60_000,
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) => ok(api.GET('/api/v1/audit', { params: { query: { ...filter, after: pageParam, limit: PAGE } }, signal })),
    getNextPageParam: (page) => (page.next ? Number(page.next) : undefined),
  })

export const capacity = queryOptions({
  queryKey: ['capacity'],
  queryFn: ({ signal }) => ok(api.GET('/api/v1/capacity', { params: { query: { limit: 500 } }, signal })),
  refetchInterval: CALM,
})

export const holdings = (cluster: string | undefined, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['capacity', 'holdings', cluster, limit],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => ok(api.GET('/api/v1/capacity/holdings', { params: { query: { cluster, after: pageParam, limit } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: CALM,
  })

/** Why a pool's replicas are where they are. */
export const placement = (pool: string) =>
  queryOptions({
    queryKey: ['placements', pool],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/placements/{pool}', { params: { path: { pool } }, signal })),
  })

export const campaigns = infiniteQueryOptions({
  queryKey: ['campaigns'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) => ok(api.GET('/api/v1/campaigns', { params: { query: { after: pageParam, limit: PAGE } }, signal })),
  getNextPageParam: (page) => page.next ?? undefined,
  refetchInterval: CALM,
})

export const campaign = (id: string) =>
  queryOptions({
    queryKey: ['campaigns', id],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/campaigns/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.endedAt ? false : LIVE),
  })

export const upgrades = infiniteQueryOptions({
  queryKey: ['upgrades'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) => ok(api.GET('/api/v1/upgrades', { params: { query: { after: pageParam, limit: PAGE } }, signal })),
  getNextPageParam: (page) => page.next ?? undefined,
  refetchInterval: CALM,
})

export const upgrade = (id: string) =>
  queryOptions({
    queryKey: ['upgrades', id],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/upgrades/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.endedAt ? false : LIVE),
  })

/** What would be done. Each cluster is asked what it is, so it is not asked for again because somebody looks away and back. */
export const upgradePlan = (wish: UpgradeRequest) =>
  queryOptions({
    queryKey: ['upgrade-plan', wish],
    enabled: !!wish.version,
    retry: false,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.POST('/api/v1/upgrades/plan', { body: wish, signal })),
  })

/** By scope and version, so pages are large: what is of one version stands on all of them. */
export const agentVersions = infiniteQueryOptions({
  queryKey: ['agents', 'versions'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) => ok(api.GET('/api/v1/agents/versions', { params: { query: { after: pageParam, limit: 500 } }, signal })),
  getNextPageParam: (page) => page.next ?? undefined,
  refetchInterval: SLOW,
})

export const webhooks = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => ok(api.GET('/api/v1/webhooks', { params: { query: { limit: 500 } }, signal })),
  refetchInterval: SLOW,
})

export const deliveries = (name: string, state: string) =>
  infiniteQueryOptions({
    queryKey: ['webhooks', name, 'deliveries', state],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET('/api/v1/webhooks/{name}/deliveries', { params: { path: { name }, query: { state, after: pageParam, limit: PAGE } }, signal }),
      ),
    getNextPageParam: (page) => (page.next ? Number(page.next) : undefined),
    refetchInterval: LIVE,
  })

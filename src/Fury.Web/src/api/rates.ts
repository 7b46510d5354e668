import type { PoolStatus, ScopeStatus } from './types'

export interface Rate {
  /** Requests a second, over all pools. */
  requests: number
  /** Of them, answered with a 5xx or not at all; 0 to 1. */
  errors: number
}

interface Reading {
  at: number
  requests: number
  errors: number
  pools: string
}

const sum = (pools: PoolStatus[], of: (pool: PoolStatus) => number) => pools.reduce((total, pool) => total + of(pool), 0)

/** What two readings of the counters say of the time between them; null when they are not of the same pools, or the counters have begun anew. */
export function rateBetween(before: Reading, after: Reading): Rate | null {
  const seconds = (after.at - before.at) / 1000
  const requests = after.requests - before.requests
  return seconds <= 0 || requests < 0 || before.pools !== after.pools
    ? null
    : { requests: requests / seconds, errors: requests === 0 ? 0 : Math.max(0, after.errors - before.errors) / requests }
}

export function readingOf(status: ScopeStatus, at: number): Reading {
  const pools = status.pools ?? []
  return {
    at,
    requests: sum(pools, (pool) => pool.requests),
    errors: sum(pools, (pool) => pool.errors),
    pools: pools
      .map((pool) => pool.id)
      .sort()
      .join(),
  }
}

const readings = new Map<string, { reading: Reading; rate?: Rate }>()

/** The rate of a scope, from the counters of its last two readings; undefined before the second one. */
export function rateOf(status: ScopeStatus, now: number): Rate | undefined {
  const name = `${status.scope.application}/${status.scope.scope}`
  const reading = readingOf(status, now)
  const before = readings.get(name)
  const rate = (before && rateBetween(before.reading, reading)) ?? before?.rate
  readings.set(name, { reading, rate })
  return rate
}

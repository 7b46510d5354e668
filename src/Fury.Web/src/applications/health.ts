import type { ScopeStatus } from '../api/types'
import type { Tone } from '../ui/Bits'

export interface Health {
  tone: Tone
  word: string
  why?: string
}

/** How a scope is, from what it runs: the worst that is true of what serves. */
export function healthOf(status: ScopeStatus): Health {
  const pools = status.pools ?? []
  if (status.asleepSince) {
    return { tone: 'none', word: 'Asleep', why: 'No request came for a while. The next one wakes it.' }
  }
  if (pools.length === 0) {
    return { tone: 'none', word: 'Runs nothing', why: 'Nothing was deployed here yet.' }
  }
  const serving = pools.filter((pool) => pool.weight > 0)
  const ready = serving.reduce((sum, pool) => sum + pool.ready, 0)
  const problem = serving.find((pool) => pool.problem)?.problem ?? undefined
  const missing = serving.filter((pool) => pool.ready < pool.wanted)
  return serving.length === 0 && status.inProgress
    ? { tone: 'busy', word: 'Starting' }
    : serving.length === 0
      ? { tone: 'bad', word: 'Serves nothing', why: 'No pool gets traffic.' }
      : ready === 0
        ? { tone: 'bad', word: 'Down', why: problem ?? 'No replica that gets traffic is ready.' }
        : missing.length > 0
          ? { tone: 'wait', word: 'Replicas missing', why: problem ?? `${missing[0]!.ready} of ${missing[0]!.wanted} replicas are ready.` }
          : { tone: 'ok', word: 'Healthy' }
}

export const replicasOf = (status: ScopeStatus) => ({
  ready: (status.pools ?? []).reduce((sum, pool) => sum + pool.ready, 0),
  wanted: (status.pools ?? []).reduce((sum, pool) => sum + pool.wanted, 0),
})

/** The candidate's percent of the whole scope's traffic. */
export const candidateWeight = (lanes: { share: number; weight: number }[] | undefined) =>
  (lanes ?? []).reduce((sum, lane) => sum + (lane.share * lane.weight) / 100, 0)

import type { Tone } from '../ui/Bits'

/** What goes in waves: a campaign, or an upgrade. */
export interface Run {
  name: string
  by: string
  why: string
  state: 'running' | 'stopped' | 'done' | 'aborted'
  /** The one whose turn it is, from 1. */
  wave: number
  createdAt: string
  endedAt?: string | null
  /** How many are in each state. */
  counts: Record<string, number>
}

export interface Wave {
  size: number
  isNow: boolean
  says: string
}

const OVER = ['done', 'failed', 'skipped']
const IN_FLIGHT: Record<string, string> = { running: 'in flight', emptying: 'being emptied', upgrading: 'on their way', soaking: 'being watched' }

export const toneOfRun = ({ state, counts }: Pick<Run, 'state' | 'counts'>): Tone =>
  state === 'running' ? 'busy' : state === 'stopped' ? 'wait' : state === 'aborted' ? 'none' : counts.failed ? 'wait' : 'ok'

/** How many have it, how many have not, and who failed: as shares of all, 0 to 1, and in words. */
export function progressOf(counts: Record<string, number>) {
  const sum = (states: string[]) => states.reduce((all, state) => all + (counts[state] ?? 0), 0)
  const all = sum(Object.keys(counts))
  const share = (...states: string[]) => (all > 0 ? sum(states) / all : 0)
  const words = Object.entries({ ...IN_FLIGHT, failed: 'failed', skipped: 'skipped' })
    .filter(([state]) => counts[state])
    .map(([state, word]) => `${counts[state]} ${word}`)
  return {
    done: share('done'),
    running: share(...Object.keys(IN_FLIGHT)),
    failed: share('failed'),
    skipped: share('skipped'),
    words: [`${counts.done ?? 0} of ${all} done`, ...words].join(', '),
  }
}

/** Each wave of what has its turn in them, in their order. */
export function wavesOf({ wave, endedAt }: Pick<Run, 'wave' | 'endedAt'>, targets: { wave: number; state: string }[]): Wave[] {
  return Array.from({ length: Math.max(0, ...targets.map((one) => one.wave)) }, (_, index) => {
    const its = targets.filter((one) => one.wave === index + 1)
    const over = its.filter((one) => OVER.includes(one.state)).length
    const isNow = index + 1 === wave && !endedAt
    const says = over === its.length ? 'ended' : isNow ? `${over} of ${its.length} have ended` : endedAt ? 'had no turn' : 'waits for its turn'
    return { size: its.length, isNow, says }
  })
}

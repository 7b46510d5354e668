import type { Tone } from './Bits'

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const

/** A span in the one or two units that matter: 45 s, 3 min 20 s, 2 h 5 min, 4 d. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const at = UNITS.findIndex(([size]) => whole >= size)
  if (at < 0) {
    return '0 s'
  }
  const [size, name] = UNITS[at]!
  const count = Math.floor(whole / size)
  const next = UNITS[at + 1]
  const rest = next ? Math.floor((whole - count * size) / next[0]) : 0
  return rest > 0 && count < 10 ? `${count} ${name} ${rest} ${next![1]}` : `${count} ${name}`
}

/** What is behind us in the one unit that matters: a list of such times stays calm. */
const coarse = (seconds: number) => span(seconds).split(' ').slice(0, 2).join(' ')

export function ago(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1000
  return seconds < -1 ? `in ${span(-seconds)}` : seconds < 1 ? 'now' : `${coarse(seconds)} ago`
}

export const exact = (at: string) => new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
export const clock = (at: string | number) =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

/** Words of the API are in kebab case: rolled-back is "rolled back". */
export const plain = (word: string) => word.replaceAll('-', ' ')
export const titled = (word: string) => plain(word).replace(/^./, (letter) => letter.toUpperCase())

export const sentence = (text: string) => text.replace(/^./, (letter) => letter.toUpperCase())

export const nameOf = (scope: { application: string; scope: string }) => `${scope.application}/${scope.scope}`

export const counted = (size: number, each: string) => `${size} ${each}${size === 1 ? '' : 's'}`

export const short = (id: string) => id.slice(-6)

/** 1234 is 1.23 k: three digits, so that columns keep their width. */
export function count(value: number): string {
  const sizes = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const
  const found = sizes.find(([size]) => Math.abs(value) >= size)
  return found ? `${Number((value / (found[1] === 'k' ? 1e3 : found[0])).toPrecision(3))} ${found[1]}` : `${Number(value.toPrecision(4))}`
}

export const percent = (share: number) => (share === 0 ? '0 %' : share < 0.0001 ? '< 0.01 %' : `${Number((share * 100).toPrecision(3))} %`)
export const millis = (ms: number | null | undefined) =>
  ms === null || ms === undefined ? '–' : ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Number(ms.toPrecision(3))} ms`

const FORWARD = ['admitted', 'provisioning', 'shifting', 'converging', 'judging', 'baking', 'draining', 'retiring']

/** How a phase is meant: what goes on, what waits for somebody, what has gone wrong. */
export function toneOf(phase: string): Tone {
  return phase === 'done' ? 'ok' : phase === 'held' ? 'wait' : phase === 'aborted' ? 'none' : FORWARD.includes(phase) ? 'busy' : 'bad'
}

export const isOver = (phase: string) => phase === 'done' || phase === 'rolled-back' || phase === 'aborted'
export const isBack = (phase: string) => !isOver(phase) && toneOf(phase) === 'bad'

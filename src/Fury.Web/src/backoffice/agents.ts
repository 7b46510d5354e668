import type { AgentVersion } from '../api/office'

/** So many targets a campaign has at most. */
export const TARGETS_MAX = 2000

/** What runs agents of one version. */
export interface AgentGroup {
  /** None: they do not say. */
  version?: string
  instances: number
  /** When the first of them was asked for. */
  oldestAt: string
  scopes: AgentVersion[]
}

/** Each version with what runs it, the newest first; those that do not say come last. */
export function byVersion(found: AgentVersion[]): AgentGroup[] {
  const groups = new Map<string | undefined, AgentGroup>()
  for (const one of found) {
    const version = one.version ?? undefined
    const group = groups.get(version) ?? { version, instances: 0, oldestAt: one.oldestAt, scopes: [] }
    group.instances += one.instances
    group.oldestAt = Date.parse(one.oldestAt) < Date.parse(group.oldestAt) ? one.oldestAt : group.oldestAt
    group.scopes.push(one)
    groups.set(version, group)
  }
  return [...groups.values()].sort((one, other) => compare(other.version, one.version))
}

/** What is not of the newest version: nothing where nobody says a version, or all have the same. */
export const othersOf = (groups: AgentGroup[]) => (groups[0]?.version === undefined ? [] : groups.slice(1))

/** A line for each scope, as a campaign's targets are written, without a version: what runs is deployed again. What is too much for one campaign is counted. */
export function targetsOf(groups: AgentGroup[]): { lines: string[]; left: number } {
  const lines = [...new Set(groups.flatMap(({ scopes }) => scopes.map(({ scope }) => scope)))].sort()
  return { lines: lines.slice(0, TARGETS_MAX), left: Math.max(0, lines.length - TARGETS_MAX) }
}

/** Scopes are named as a campaign names its targets: application/scope. */
export function scopeOf({ scope: name }: AgentVersion) {
  const [application = '', scope = ''] = name.split('/')
  return { application, scope }
}

const { compare: inOrder } = new Intl.Collator('en', { numeric: true })

/** Numbers count as numbers, and 1.5.0-rc.1 is before 1.5.0. None is before any. */
function compare(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) {
    return Number(one !== undefined) - Number(other !== undefined)
  }
  const [core, early] = partsOf(one)
  const [otherCore, otherEarly] = partsOf(other)
  return inOrder(core, otherCore) || Number(early === '') - Number(otherEarly === '') || inOrder(early, otherEarly) || inOrder(one, other)
}

/** What stands behind a plus is about the build, and makes no version newer. */
function partsOf(version: string): [core: string, early: string] {
  const [, core = '', early = ''] = /^([^-+]*)-?([^+]*)/.exec(version) ?? []
  return [core, early]
}

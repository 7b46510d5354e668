import type { UpgradeRequest, UpgradeTarget } from '../api/office'
import type { FieldFault } from '../api/problem'
import { firstOfEach } from './targets'

/** What is written into the form. */
export interface UpgradeWish extends Record<string, unknown> {
  name: string
  version: string
  /** None: all. */
  clusters: string[]
  emptyFirst: boolean
  maxConcurrent: number | string
  soakHours: number | string
  stopAfter: number | string
}

const HOUR = 3600

/** Whatever is no number is sent as it is, so that the host says what is wrong. */
export const requestOf = ({ name, version, clusters, emptyFirst, maxConcurrent, soakHours, stopAfter }: UpgradeWish, by: string): UpgradeRequest => ({
  name: name.trim(),
  by,
  version: version.trim(),
  clusters: clusters.length === 0 ? undefined : clusters,
  emptyFirst,
  maxConcurrent: numberOf(maxConcurrent),
  soakSeconds: numberOf(typeof soakHours === 'number' ? Math.round(soakHours * HOUR) : soakHours),
  stopAfter: numberOf(stopAfter),
})

const numberOf = (value: number | string) => (value === '' ? undefined : (value as number))

/** Faults of clusters as those of the field that they were chosen in, each with its name; and what is written in hours is told in hours. */
export function faultsOfUpgrade(faults: FieldFault[], clusters: string[]): FieldFault[] {
  const placed = faults.map((fault) => {
    const [, place] = /^clusters\[(\d+)\]/.exec(fault.field) ?? []
    const name = place === undefined ? undefined : clusters[Number(place)]
    const [, least, most] = fault.field === 'soakSeconds' ? (/^(\d+) to (\d+)$/.exec(fault.expected) ?? []) : []
    return name !== undefined
      ? { ...fault, field: 'clusters', expected: fault.expected.includes(name) ? fault.expected : `${fault.expected} (${name})` }
      : most !== undefined
        ? { ...fault, field: 'soakHours', expected: `${Number(least) / HOUR} to ${Number(most) / HOUR} hours` }
        : fault
  })
  return firstOfEach(placed)
}

/** Had it already, when the upgrade was planned: it has no turn. */
export const hasNoTurn = ({ state, since }: UpgradeTarget) => state === 'skipped' && !since

/** How its shape counts; nothing of one that a wave before has. */
export function shapeOf(one: UpgradeTarget, all: UpgradeTarget[]): string | undefined {
  if (one.isCanary) {
    return 'the first of its shape'
  }
  if (!one.shape) {
    return 'does not say what it is, and has to before its turn'
  }
  return all.some((other) => other.wave < one.wave && other.shape === one.shape && !hasNoTurn(other))
    ? undefined
    : 'of a shape that none before it has: it needs an approval, unless an earlier upgrade has proven it'
}

/** Who moves it. */
export const moverOf = ({ isManaged, provider }: UpgradeTarget) => (isManaged ? `by its provider ${provider}` : 'by your own means')

/** It waits for somebody else to say that it may be upgraded although its shape is not proven. */
export const isUnproven = ({ state, difference, approvedBy }: UpgradeTarget) => state === 'waiting' && !!difference && !approvedBy

/** It was not moved yet, or has failed. */
export const canBeLeftOut = ({ state }: UpgradeTarget) => state === 'waiting' || state === 'emptying' || state === 'failed'

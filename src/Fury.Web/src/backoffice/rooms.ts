import type { Capacity, Holding } from '../api/office'
import { nameOf } from '../ui/words'

const digits = (value: number) => `${Number(value.toPrecision(3))}`

/** Thousandths of a core as cores. */
export const cores = (millis: number) => digits(Math.max(0, millis) / 1000)

export const gib = (mib: number) => (mib < 1024 ? `${Math.max(0, Math.round(mib))} MiB` : `${digits(mib / 1024)} GiB`)

/** Dollars: cents where they matter, and never 0 for what costs something. */
export const dollars = (value: number) =>
  value === 0 ? '$0' : value < 0.01 ? `$${Number(value.toPrecision(2))}` : `$${value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 })}`

export const HOURS_A_MONTH = 730

export function sumOf(rooms: Capacity[]) {
  const sum = (of: (one: Capacity) => number) => rooms.reduce((all, one) => all + of(one), 0)
  return {
    nodes: sum((one) => one.nodes),
    cpuFree: sum((one) => one.cpuMillisFree),
    memoryFree: sum((one) => one.memoryMiBFree),
    cpuPromised: sum((one) => one.cpuMillisPromised),
    memoryPromised: sum((one) => one.memoryMiBPromised),
  }
}

/** What so much of a cluster costs in an hour, by its prices. */
export const costOf = (room: Capacity, cpuMillis: number, memoryMiB: number) =>
  (cpuMillis / 1000) * room.cpuHourPrice + (memoryMiB / 1024) * room.memoryHourPrice

/** What a cluster's room costs in an hour that nobody has, nor was promised. */
export const idleCostOf = (room: Capacity) =>
  costOf(room, Math.max(0, room.cpuMillisFree - room.cpuMillisPromised), Math.max(0, room.memoryMiBFree - room.memoryMiBPromised))

/** More than half of it is neither used nor promised, and that costs something. */
export const isIdle = (room: Capacity) =>
  idleCostOf(room) > 0 &&
  room.cpuMillisFree - room.cpuMillisPromised > room.cpuMillisUsed + room.cpuMillisPromised &&
  room.memoryMiBFree - room.memoryMiBPromised > room.memoryMiBUsed + room.memoryMiBPromised

export interface ScopeCost {
  scope: Holding['scope']
  replicas: number
  dollarsPerHour: number
}

/** What each scope has in all clusters together, the dearest first. */
export function sumByScope(held: Holding[]): ScopeCost[] {
  const sums = new Map<string, ScopeCost>()
  for (const { scope, replicas, dollarsPerHour } of held) {
    const name = nameOf(scope)
    const sum = sums.get(name) ?? { scope, replicas: 0, dollarsPerHour: 0 }
    sums.set(name, { scope, replicas: sum.replicas + replicas, dollarsPerHour: sum.dollarsPerHour + dollarsPerHour })
  }
  return [...sums.values()].sort((one, other) => other.dollarsPerHour - one.dollarsPerHour || other.replicas - one.replicas)
}

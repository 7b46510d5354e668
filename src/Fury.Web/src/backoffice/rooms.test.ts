import { expect, test } from 'vitest'
import type { Capacity, Holding } from '../api/office'
import { cores, costOf, dollars, gib, idleCostOf, isIdle, sumByScope, sumOf } from './rooms'

const room = (more: Partial<Capacity>): Capacity => ({
  cluster: 'one',
  seenAt: null,
  nodes: 2,
  nodesMore: 0,
  cpuMillisUsed: 0,
  memoryMiBUsed: 0,
  cpuMillisFree: 3000,
  memoryMiBFree: 4096,
  cpuMillisPromised: 500,
  memoryMiBPromised: 512,
  cpuHourPrice: 0.03,
  memoryHourPrice: 0.004,
  ...more,
})

test('room is told in cores and GiB, and never as less than nothing', () => {
  expect([cores(1500), cores(-200), gib(512), gib(4096), gib(1536)]).toEqual(['1.5', '0', '512 MiB', '4 GiB', '1.5 GiB'])
})

test('little money is not none, and much has no cents', () => {
  expect([dollars(0), dollars(0.00042), dollars(1.5), dollars(12345.678)]).toEqual(['$0', '$0.00042', '$1.5', '$12,346'])
})

test('what some room costs is by its own prices', () => {
  expect(costOf(room({}), 2000, 2048)).toBeCloseTo(0.068)
  expect(sumOf([room({}), room({ nodes: 3 })])).toEqual({ nodes: 5, cpuFree: 6000, memoryFree: 8192, cpuPromised: 1000, memoryPromised: 1024 })
})

test('what is promised is neither free nor paid for twice', () => {
  expect(idleCostOf(room({}))).toBeCloseTo(0.089)
  expect(idleCostOf(room({ cpuMillisPromised: 4000, memoryMiBPromised: 8192 }))).toBe(0)
})

test('a cluster is idle when more than half of it is neither used nor promised, and costs something', () => {
  const half = { cpuMillisUsed: 2000, memoryMiBUsed: 3072 }
  expect([room({}), room(half), room({ ...half, cpuMillisUsed: 1999, memoryMiBUsed: 3071 })].map(isIdle)).toEqual([true, false, true])
  expect(isIdle(room({ cpuHourPrice: 0, memoryHourPrice: 0 }))).toBe(false)
})

test('a scope is what it has in all clusters together, and the dearer one is first', () => {
  const held = (scope: string, cluster: string, replicas: number, dollarsPerHour: number) =>
    ({ scope: { application: 'shop', scope }, cluster, replicas, dollarsPerHour }) as Holding
  expect(sumByScope([held('web', 'one', 2, 0.25), held('worker', 'one', 1, 0.5), held('web', 'two', 3, 0.5)])).toEqual([
    { scope: { application: 'shop', scope: 'web' }, replicas: 5, dollarsPerHour: 0.75 },
    { scope: { application: 'shop', scope: 'worker' }, replicas: 1, dollarsPerHour: 0.5 },
  ])
})

import { expect, test } from 'vitest'
import type { UpgradeTarget } from '../api/office'
import { canBeLeftOut, faultsOfUpgrade, hasNoTurn, isUnproven, moverOf, requestOf, shapeOf } from './upgrades'

const target = (more: Partial<UpgradeTarget>): UpgradeTarget => ({
  cluster: 'one',
  wave: 1,
  provider: 'aws',
  region: 'eu-1',
  criticality: 'low',
  isManaged: true,
  isCanary: false,
  from: '1.34',
  shape: 'plain',
  state: 'waiting',
  reason: null,
  difference: null,
  approvedBy: null,
  since: null,
  ...more,
})

const wish = { name: ' autumn ', version: '1.35 ', clusters: [], emptyFirst: true, maxConcurrent: 2, soakHours: 1.5, stopAfter: 1 }

test('hours are sent as seconds, and what was left empty is the usual', () => {
  expect(requestOf(wish, 'me')).toEqual({
    name: 'autumn',
    by: 'me',
    version: '1.35',
    clusters: undefined,
    emptyFirst: true,
    maxConcurrent: 2,
    soakSeconds: 5400,
    stopAfter: 1,
  })
  expect(requestOf({ ...wish, clusters: ['a'], maxConcurrent: '', soakHours: '', stopAfter: '-' }, 'me')).toMatchObject({
    clusters: ['a'],
    maxConcurrent: undefined,
    soakSeconds: undefined,
    stopAfter: '-',
  })
})

test('a fault of a cluster is told with its name, and hours in hours', () => {
  const faults = [
    { field: 'clusters[1]', expected: 'a registered cluster' },
    { field: 'clusters[0]', expected: 'one minor version further: cluster a is at 1.30' },
    { field: 'soakSeconds', expected: '0 to 2592000' },
    { field: 'version', expected: 'a version' },
  ]
  expect(faultsOfUpgrade(faults, ['a', 'b'])).toEqual([
    { field: 'clusters', expected: 'a registered cluster (b)' },
    { field: 'soakHours', expected: '0 to 720 hours' },
    { field: 'version', expected: 'a version' },
  ])
  expect(faultsOfUpgrade([faults[1]!], ['a', 'b'])).toEqual([{ field: 'clusters', expected: faults[1]!.expected }])
})

test('a shape that no wave before has is told, as is who moves it', () => {
  const canary = target({ isCanary: true })
  const [known, other, silent] = [target({ wave: 2 }), target({ wave: 2, shape: 'other' }), target({ wave: 2, shape: null })]
  const all = [canary, known, other, silent, target({ state: 'skipped', shape: 'other' })]
  expect([canary, known].map((one) => shapeOf(one, all))).toEqual(['the first of its shape', undefined])
  expect(shapeOf(other, all)).toMatch(/^of a shape that none before it has/)
  expect(shapeOf(silent, all)).toMatch(/^does not say what it is/)
  expect([moverOf(canary), moverOf(target({ isManaged: false }))]).toEqual(['by its provider aws', 'by your own means'])
})

test('what had the version already has no turn, unlike what was left out at its own', () => {
  expect([target({ state: 'skipped' }), target({ state: 'skipped', since: '2026-01-01T00:00:00Z' }), target({})].map(hasNoTurn)).toEqual([true, false, false])
})

test('only what waits for an approval is asked for one, and what is on its way stays in', () => {
  const unproven = target({ difference: [] })
  expect([unproven, target({}), target({ difference: [], approvedBy: 'you' })].map(isUnproven)).toEqual([true, false, false])
  const states = ['waiting', 'emptying', 'upgrading', 'soaking', 'done', 'failed', 'skipped'] as const
  expect(states.filter((state) => canBeLeftOut(target({ state })))).toEqual(['waiting', 'emptying', 'failed'])
})

import { expect, test } from 'vitest'
import type { AgentVersion } from '../api/office'
import { byVersion, othersOf, scopeOf, targetsOf, TARGETS_MAX } from './agents'

const line = (scope: string, version: string | undefined, instances = 1, oldestAt = '2026-11-01T00:00:00Z') =>
  // A version that is null is not in an answer at all.
  ({ scope, ...(version && { version }), instances, oldestAt }) as AgentVersion

test('what runs one version is told together, with how many there are and the oldest of them', () => {
  const groups = byVersion([
    line('pay/api', '1.5.0', 2, '2026-11-02T00:00:00Z'),
    line('shop/web', '1.4.0', 3),
    line('shop/web', '1.5.0', 4, '2026-11-01T12:00:00.5Z'),
    line('shop/worker', '1.5.0', 1, '2026-11-01T12:00:00Z'),
  ])
  expect(groups.map(({ scopes, ...one }) => ({ ...one, scopes: scopes.map(({ scope }) => scope) }))).toEqual([
    { version: '1.5.0', instances: 7, oldestAt: '2026-11-01T12:00:00Z', scopes: ['pay/api', 'shop/web', 'shop/worker'] },
    { version: '1.4.0', instances: 3, oldestAt: '2026-11-01T00:00:00Z', scopes: ['shop/web'] },
  ])
  expect(byVersion([])).toEqual([])
})

test('the newest version is first, and who does not say is last', () => {
  const told = [undefined, '1.9.0', '1.10.0-rc.2', '1.10.0', '1.10.0-rc.10', '1.10.0+b7', 'dev', '1.10']
  expect(byVersion(told.map((version, index) => line(`a/${index}`, version))).map(({ version }) => version)).toEqual([
    'dev',
    '1.10.0+b7',
    '1.10.0',
    '1.10.0-rc.10',
    '1.10.0-rc.2',
    '1.10',
    '1.9.0',
    undefined,
  ])
})

test('a null version is one that is not said', () => {
  const groups = byVersion([{ ...line('a/b', undefined), version: null }, line('c/d', undefined)])
  expect(groups.map(({ version, instances }) => [version, instances])).toEqual([[undefined, 2]])
})

test('the others are all but the newest, where a newest is known', () => {
  const some = byVersion([line('a/b', '1.5.0'), line('c/d', '1.4.0'), line('e/f', undefined)])
  expect(othersOf(some).map(({ version }) => version)).toEqual(['1.4.0', undefined])
  expect([othersOf([]), othersOf(byVersion([line('a/b', undefined)])), othersOf(byVersion([line('a/b', '1.5.0')]))]).toEqual([[], [], []])
})

test('each scope is a target once, whatever it runs', () => {
  const groups = byVersion([line('shop/web', '1.3.0'), line('pay/api', '1.4.0'), line('shop/web', '1.4.0')])
  expect(targetsOf(groups)).toEqual({ lines: ['pay/api', 'shop/web'], left: 0 })
})

test('no more targets than a campaign may have, and how many are left is told', () => {
  const many = Array.from({ length: TARGETS_MAX + 3 }, (_, each) => line(`shop/s${each}`, '1.4.0'))
  const { lines, left } = targetsOf(byVersion(many))
  expect([lines.length, left]).toEqual([2000, 3])
})

test('a scope is named with its application', () => expect(scopeOf(line('shop/web', '1.4.0'))).toEqual({ application: 'shop', scope: 'web' }))

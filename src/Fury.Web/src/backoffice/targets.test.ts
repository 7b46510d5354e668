import { expect, test } from 'vitest'
import { faultsOfTargets, readTargets, readWaves } from './targets'

test('targets are lines, with a version or without', () => {
  expect(readTargets('shop/web 1.2.0\n\n# later\n  shop/worker\t\npay/api,2.0.0')).toEqual([
    { line: 1, scope: 'shop/web', version: '1.2.0' },
    { line: 4, scope: 'shop/worker', version: undefined },
    { line: 5, scope: 'pay/api', version: '2.0.0' },
  ])
})

test('waves are numbers, and what is none is left for the host to refuse', () => {
  expect([readWaves('1, 5 20'), readWaves(' '), readWaves('1,x')]).toEqual([[1, 5, 20], undefined, [1, 'x']])
})

test('a fault of a target is told with the line that it was written in', () => {
  const targets = readTargets('a/b\n\nc/d')
  const faults = [
    { field: 'targets[1].version', expected: 'a version' },
    { field: 'targets[0].scope', expected: 'application/scope' },
    { field: 'waves[2]', expected: '1 to 2000' },
    { field: 'name', expected: '1 to 60 characters' },
  ]
  expect(faultsOfTargets(faults, targets)).toEqual([
    { field: 'targets', expected: 'a version (line 3)' },
    { field: 'waves', expected: '1 to 2000' },
    { field: 'name', expected: '1 to 60 characters' },
  ])
})

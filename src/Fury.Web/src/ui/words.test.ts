import { expect, test } from 'vitest'
import { ago, count, counted, isBack, isOver, percent, span, titled, toneOf } from './words'

test.each([
  [0, '0 s'],
  [0.4, '0 s'],
  [45, '45 s'],
  [200, '3 min 20 s'],
  [3600, '1 h'],
  [7500, '2 h 5 min'],
  [86_400 * 4, '4 d'],
  [60 * 30 + 7, '30 min'],
])('%d seconds are %s', (seconds, text) => expect(span(seconds)).toBe(text))

test.each([
  [12, '12'],
  [1234, '1234'],
  [12_345, '12.3 k'],
  [2_500_000, '2.5 M'],
  [0.25, '0.25'],
])('%d is %s', (value, text) => expect(count(value)).toBe(text))

test('a share is told with three digits, and little is not nothing', () => {
  expect([percent(0), percent(0.00001), percent(0.0123), percent(1)]).toEqual(['0 %', '< 0.01 %', '1.23 %', '100 %'])
})

test('a time is behind us or before us', () => {
  const now = Date.parse('2026-11-28T10:00:00Z')
  expect(ago('2026-11-28T09:58:00Z', now)).toBe('2 min ago')
  expect(ago('2026-11-28T10:01:00Z', now)).toBe('in 1 min')
})

test('each phase has a tone, and the way back is bad news', () => {
  expect(['admitted', 'judging', 'held', 'done', 'rolled-back', 'aborted', 'shifting-back'].map(toneOf)).toEqual([
    'busy',
    'busy',
    'wait',
    'ok',
    'bad',
    'none',
    'bad',
  ])
  expect([isBack('shifting-back'), isBack('rolled-back'), isOver('rolled-back'), isOver('held')]).toEqual([true, false, true, false])
  expect(titled('rolled-back')).toBe('Rolled back')
})

test('one has no s', () => expect([counted(1, 'cluster'), counted(0, 'scope')]).toEqual(['1 cluster', '0 scopes']))

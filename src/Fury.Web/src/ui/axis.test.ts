import { expect, test } from 'vitest'
import { clocksOf, TIME_STEPS } from './axis'

const START = Date.parse('2026-11-28T10:00:00Z') / 1000

test('in the first moments of a page no second is said twice', () => {
  const quarters = Array.from({ length: 9 }, (_, index) => START + index / 4)
  const said = clocksOf(quarters).filter(Boolean)
  expect(said).toHaveLength(3)
  expect(new Set(said).size).toBe(said.length)
})

test('marks of whole seconds are all said', () => {
  expect(clocksOf([START, START + 1, START + 2]).every(Boolean)).toBe(true)
})

test('an axis is divided by whole seconds only, the smaller first', () => {
  expect(TIME_STEPS.every((step, index) => Number.isInteger(step) && step >= 1 && step > (TIME_STEPS[index - 1] ?? 0))).toBe(true)
})

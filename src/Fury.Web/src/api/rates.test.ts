import { expect, test } from 'vitest'
import { rateBetween } from './rates'

const at = (seconds: number, requests: number, errors: number, pools = 'a') => ({ at: seconds * 1000, requests, errors, pools })

test('a rate is what has come between two readings', () => {
  expect(rateBetween(at(0, 100, 10), at(5, 600, 60))).toEqual({ requests: 100, errors: 0.1 })
  expect(rateBetween(at(0, 100, 10), at(5, 100, 10))).toEqual({ requests: 0, errors: 0 })
})

test('counters that began anew, or of other pools, say nothing', () => {
  expect(rateBetween(at(0, 100, 10), at(5, 50, 0))).toBeNull()
  expect(rateBetween(at(0, 100, 10), at(5, 600, 60, 'a,b'))).toBeNull()
  expect(rateBetween(at(5, 100, 10), at(5, 600, 60))).toBeNull()
})

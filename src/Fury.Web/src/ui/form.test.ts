import { expect, test } from 'vitest'
import { readEnvironment } from './form'

test('lines become variables, and a value may hold what it likes', () => {
  expect(readEnvironment('A=1\n\n# said\nB = x=y \nC=')).toEqual({ values: { A: '1', B: ' x=y', C: '' } })
})

test('the first line that is none is named', () => {
  expect(readEnvironment('A=1\nnonsense').bad).toBe('Line 2 must be NAME=VALUE.')
})

import { expect, test } from 'vitest'
import { placeFaults, problemOf } from './problem'

const invalid = problemOf(400, {
  title: 'Two fields are wrong.',
  kind: 'invalid',
  errors: [
    { field: 'team', value: '', expected: '1 to 60 characters' },
    { field: 'scaling.autoscale', value: 'x', expected: 'absent' },
  ],
})

test('a fault stands beside its field, and what has no field is said once', () => {
  const { errors, rest } = placeFaults(invalid, ['team'])
  expect(errors).toEqual({ team: 'Must be 1 to 60 characters.' })
  expect(rest).toBe('scaling.autoscale: Must be absent.')
})

test('a field of the API may have another name in the form', () => {
  expect(placeFaults(invalid, ['owner'], { team: 'owner' }).errors).toEqual({ owner: 'Must be 1 to 60 characters.' })
})

test('a refusal without fields is its sentence', () => {
  expect(placeFaults(problemOf(409, { title: 'Busy.', kind: 'conflict' }), ['team'])).toEqual({ errors: {}, rest: 'Busy.' })
})

test('an answer that is no problem detail still says something', () => {
  expect(problemOf(502, null).message).toContain('502')
  expect(problemOf(0, null).isAway).toBe(true)
})

test('what is wrong with an entry of a list stands beside the list, unless the entry has a field of its own', () => {
  const problem = problemOf(400, { title: 'A field is wrong.', errors: [{ field: 'scopes[2]', value: 'X', expected: 'a pattern' }] })
  expect(placeFaults(problem, ['scopes'])).toEqual({ errors: { scopes: 'Must be a pattern.' }, rest: '' })
  expect(placeFaults(problem, ['scopes', 'third'], { 'scopes[2]': 'third' }).errors).toEqual({ third: 'Must be a pattern.' })
  expect(placeFaults(problem, ['teams'])).toEqual({ errors: {}, rest: 'scopes[2]: Must be a pattern.' })
})

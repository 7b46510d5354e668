import { expect, test } from 'vitest'
import { changesOf, unchanged } from './changes'

test('only what differs is told, by its path', () => {
  expect(changesOf({ team: 'a', size: { cpu: 1, memory: 2 }, zones: ['x'] }, { team: 'a', size: { cpu: 3, memory: 2 }, zones: ['x', 'y'] })).toEqual([
    { field: 'size.cpu', before: '1', after: '3' },
    { field: 'zones', before: '["x"]', after: '["x","y"]' },
  ])
})

test('what was made has nothing before it, and what is gone nothing after', () => {
  expect(changesOf(null, { name: 'a', on: false })).toEqual([
    { field: 'name', before: undefined, after: 'a' },
    { field: 'on', before: undefined, after: 'false' },
  ])
  expect(changesOf({ name: 'a' }, undefined)).toEqual([{ field: 'name', before: 'a', after: undefined }])
})

test('what is no document is told whole, and what nobody has said is nothing', () => {
  expect(changesOf('a', 'b')).toEqual([{ field: '', before: 'a', after: 'b' }])
  expect(changesOf(null, undefined)).toEqual([])
})

test('that nothing was changed is said of what is known only', () => {
  expect(unchanged({ result: 'allowed', before: { team: 'a' }, after: { team: 'a' } })).toBe('Nothing was changed.')
  expect(unchanged({ result: 'denied', before: null, after: null })).toBe('Nothing was changed.')
  expect(unchanged({ result: 'allowed', before: null, after: undefined })).toBe('What was before and after is not on record.')
  expect(unchanged({ result: 'allowed', before: '(70000 characters)', after: '(70000 characters)' })).toBe(
    'What was before and after is not on record (70000 characters).',
  )
})

import { expect, test } from 'vitest'
import { inAddress } from './names'

test('a name stays what it is, without the blanks around it', () => {
  expect(['DB_PASSWORD', ' a.b ', '...', 'a/b'].map(inAddress)).toEqual(['DB_PASSWORD', 'a.b', '...', 'a/b'])
})

test('what would lead to another address becomes what the API refuses', () => {
  expect(['', '  ', '.', ' ..'].map(inAddress)).toEqual([' ', ' ', ' ', ' '])
})

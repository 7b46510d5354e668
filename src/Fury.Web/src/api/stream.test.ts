import { expect, test } from 'vitest'
import { EventReader } from './stream'

const TEXT = ': quiet\n\nid: 7\nevent: judging\ndata: {"a":1}\n\nid:8\r\ndata: one\r\ndata: two\r\n\r\n'

test('events are the same however the text is cut', () => {
  const whole = new EventReader().read(TEXT)
  expect(whole).toEqual([
    { id: '7', event: 'judging', data: '{"a":1}' },
    { id: '8', event: 'message', data: 'one\ntwo' },
  ])
  for (const size of [1, 2, 3, 5]) {
    const reader = new EventReader()
    const cut: string[] = []
    for (let at = 0; at < TEXT.length; at += size) {
      cut.push(TEXT.slice(at, at + size))
    }
    expect(cut.flatMap((piece) => reader.read(piece))).toEqual(whole)
  }
})

test('an event that has not ended is not told, and its id is known only then', () => {
  const reader = new EventReader('3')
  expect(reader.read('data: half\n')).toEqual([])
  expect(reader.lastId).toBe('3')
  expect(reader.read('\n')).toEqual([{ id: '3', event: 'message', data: 'half' }])
})

import { expect, test } from 'vitest'
import { progressOf, toneOfRun, wavesOf } from './runs'

test('progress is told of all, with what is in flight by its own word', () => {
  expect(progressOf({ waiting: 5, emptying: 1, upgrading: 2, soaking: 1, done: 8, failed: 1, skipped: 2 })).toEqual({
    done: 0.4,
    running: 0.2,
    failed: 0.05,
    skipped: 0.1,
    words: '8 of 20 done, 1 being emptied, 2 on their way, 1 being watched, 1 failed, 2 skipped',
  })
  expect(progressOf({ waiting: 1, running: 1, done: 0, failed: 0, skipped: 0 }).words).toBe('0 of 2 done, 1 in flight')
  expect(progressOf({ done: 0 })).toMatchObject({ done: 0, running: 0, words: '0 of 0 done' })
})

test('what has ended with failures is not shown as well', () => {
  const tone = (state: 'running' | 'stopped' | 'done' | 'aborted', failed = 0) => toneOfRun({ state, counts: { failed } })
  expect([tone('running', 1), tone('stopped'), tone('done'), tone('done', 1), tone('aborted')]).toEqual(['busy', 'wait', 'ok', 'wait', 'none'])
})

test('each wave says whether it has ended, goes on, or waits', () => {
  const targets = [
    { wave: 1, state: 'done' },
    { wave: 1, state: 'failed' },
    { wave: 2, state: 'skipped' },
    { wave: 2, state: 'soaking' },
    { wave: 3, state: 'waiting' },
  ]
  expect(wavesOf({ wave: 2 }, targets)).toEqual([
    { size: 2, isNow: false, says: 'ended' },
    { size: 2, isNow: true, says: '1 of 2 have ended' },
    { size: 1, isNow: false, says: 'waits for its turn' },
  ])
  const ended = wavesOf({ wave: 3, endedAt: '2026-01-01T00:00:00Z' }, targets)
  expect(ended.map((one) => one.says)).toEqual(['ended', 'had no turn', 'had no turn'])
  expect(ended.some((one) => one.isNow)).toBe(false)
  expect(wavesOf({ wave: 1 }, [])).toEqual([])
})

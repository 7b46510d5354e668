import { clock } from './words'

/** Distances of marks on an axis of time, in seconds. None is less than a second: a clock of seconds would say the same one twice. */
export const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800]

/** What stands at each mark, in seconds of Unix time; a clock that was just said is not said again. */
export function clocksOf(marks: readonly number[]): string[] {
  const said = marks.map((mark) => clock(mark * 1000))
  return said.map((one, index) => (one === said[index - 1] ? '' : one))
}

import type { AlignedData } from 'uplot'
import type { DeploymentEvent, TrafficPoint } from '../api/types'
import type { Mark } from '../ui/Plot'

/** Points that are farther apart than this are not one line: nothing was seen between them. */
const GAP_SECONDS = 15

type Arm = TrafficPoint['candidate']

export const rate = (arm: Arm, seconds: number) => (seconds > 0 ? arm.requests / seconds : 0)
export const errors = (arm: Arm) => (arm.requests > 0 ? (arm.errors / arm.requests) * 100 : null)

/** Time, then candidate and current, for one measure of them. */
export function seriesOf(points: TrafficPoint[], ...measures: ((point: TrafficPoint) => number | null | undefined)[]): AlignedData {
  const times: number[] = []
  const values: (number | null)[][] = measures.map(() => [])
  let before: number | undefined
  for (const point of points) {
    const at = Date.parse(point.at) / 1000
    if (before !== undefined && at - before > GAP_SECONDS + point.seconds) {
      times.push(before + 1)
      values.forEach((line) => line.push(null))
    }
    times.push(at)
    measures.forEach((measure, index) => values[index]!.push(measure(point) ?? null))
    before = at
  }
  return [times, ...values] as AlignedData
}

/** The moments at which the weights moved, with the candidate's percent from then on. */
export function marksOf(events: DeploymentEvent[]): Mark[] {
  return events.flatMap((event) => {
    const at = Date.parse(event.at) / 1000
    return event.phase === 'converging' && event.data?.weight
      ? [{ at, label: `${event.data.weight} %` }]
      : event.phase === 'converging-back'
        ? [{ at, label: 'back' }]
        : []
  })
}

import { useMemo } from 'react'
import type { DeploymentEvent, TrafficPoint } from '../api/types'
import { Empty, Panel } from '../ui/Bits'
import { type Mark, Plot } from '../ui/Plot'
import { count, millis } from '../ui/words'
import { errors, marksOf, rate, seriesOf } from './series'

const CANDIDATE = { label: 'candidate', color: '--f-candidate' }
const CURRENT = { label: 'current', color: '--f-current' }
const PAIR = [CANDIDATE, CURRENT]
const ALONE = [CANDIDATE]

const perSecond = (value: number) => `${count(value)}/s`
const ofHundred = (value: number) => `${Number(value.toPrecision(3))} %`

/** Candidate against current as the judge has seen them: the same numbers. */
export function Traffic({ points, events }: { points: TrafficPoint[]; events: DeploymentEvent[] }) {
  // By its content: most events move no weight, and plots that are the same are not drawn again.
  const told = JSON.stringify(marksOf(events))
  const marks = useMemo(() => JSON.parse(told) as Mark[], [told])
  const hasCurrent = points.some((point) => point.current)
  const lines = hasCurrent ? PAIR : ALONE
  const data = useMemo(() => {
    const both = (of: (arm: TrafficPoint['candidate'], point: TrafficPoint) => number | null | undefined) =>
      seriesOf(
        points,
        (point) => of(point.candidate, point),
        ...(hasCurrent ? [(point: TrafficPoint) => point.current && of(point.current, point)] : []),
      )
    return {
      rate: both((arm, point) => rate(arm, point.seconds)),
      errors: both((arm) => errors(arm)),
      p99: both((arm) => arm.p99Ms),
    }
  }, [points, hasCurrent])
  return (
    <Panel title="Candidate against current" aside={<span className="quiet">what the judge sees, once a second</span>}>
      {points.length < 2 ? (
        <Empty title="No traffic was seen yet.">The plots begin when the candidate gets its first requests.</Empty>
      ) : (
        <div className="body" style={{ display: 'grid', gap: 16 }}>
          <Plot title="Requests" lines={lines} data={data.rate} format={perSecond} marks={marks} height={130} />
          <Plot title="Errors" lines={lines} data={data.errors} format={ofHundred} marks={marks} height={120} />
          <Plot title="Latency, 99 of 100 are faster" lines={lines} data={data.p99} format={millis} marks={marks} height={120} />
        </div>
      )}
    </Panel>
  )
}

import { IconCheck, IconClock, IconHandStop, IconScale, IconX } from '@tabler/icons-react'
import type { Deployment } from '../api/types'
import { isBack, span } from '../ui/words'
import styles from './Plan.module.css'

type Step = NonNullable<Deployment['steps']>[number]

const GATES = {
  timed: { icon: IconClock, say: (step: Step) => (step.minSeconds > 0 ? `for ${span(step.minSeconds)}` : 'at once') },
  evidence: { icon: IconScale, say: (step: Step) => `until proven, at most ${span(step.deadlineSeconds)}` },
  manual: { icon: IconHandStop, say: (step: Step) => `by hand, within ${span(step.deadlineSeconds)}` },
} as const

/** The plan as steps: how much of the traffic, where, until when. */
export function Plan({ steps, at, phase, expected }: { steps: Step[]; at?: number; phase?: string; expected?: (number | null | undefined)[] }) {
  const places = new Set(steps.flatMap((step) => step.locations))
  return (
    <ol className={styles.plan} aria-label="Steps">
      {steps.map((step, index) => {
        const state =
          phase === undefined || at === undefined
            ? 'next'
            : phase === 'done' ||
                (index < at && !isBack(phase) && phase !== 'rolled-back' && phase !== 'aborted') ||
                ['baking', 'draining', 'retiring'].includes(phase)
              ? 'past'
              : index < at
                ? 'left'
                : index > at
                  ? 'next'
                  : isBack(phase) || phase === 'rolled-back'
                    ? 'failed'
                    : phase === 'aborted'
                      ? 'left'
                      : phase === 'admitted'
                        ? 'next'
                        : 'now'
        const gate = GATES[step.gate as keyof typeof GATES] ?? GATES.timed
        return (
          <li key={index} className={styles[state]} aria-current={state === 'now' ? 'step' : undefined}>
            <div className={styles.weight}>
              <span className="num">{step.weight} %</span>
              {state === 'past' && <IconCheck size={15} aria-label="done" />}
              {state === 'failed' && <IconX size={15} aria-label="turned back here" />}
            </div>
            <div className={styles.gate}>
              <gate.icon size={13} stroke={1.8} aria-hidden />
              {gate.say(step)}
            </div>
            <div className={styles.gate}>
              {step.replicas} {step.replicas === 1 ? 'replica' : 'replicas'}
              {expected?.[index] ? `, about ${span(expected[index]!)}` : ''}
            </div>
            {places.size > 1 && <div className={styles.gate}>{step.locations.join(', ')}</div>}
          </li>
        )
      })}
    </ol>
  )
}

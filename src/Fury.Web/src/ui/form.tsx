import { Button, Group } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { asProblem, placeFaults } from '../api/problem'

interface Wish<V, T> {
  initial: V
  /** Where the API has another name for a field than the form: from the API's. */
  names?: Record<string, keyof V & string>
  send: (values: V) => Promise<T>
  done: (answer: T, values: V) => void
}

/** A form whose checks are the API's: what is refused stands beside its field, and what was written stays. */
export function useApiForm<V extends Record<string, unknown>, T>({ initial, names, send, done }: Wish<V, T>) {
  const form = useForm<V>({ initialValues: initial })
  const [rest, setRest] = useState('')
  const sending = useMutation({
    mutationFn: send,
    // What was sent may hold a secret: it is forgotten with the form, not minutes after it.
    gcTime: 0,
    onMutate: () => setRest(''),
    onSuccess: done,
    onError: (error) => {
      const placed = placeFaults(asProblem(error), Object.keys(initial), names)
      form.setErrors(placed.errors)
      setRest(placed.rest)
      const first = Object.keys(placed.errors)[0]
      if (first) {
        document.querySelector<HTMLElement>(`[data-path="${first}"], [name="${first}"]`)?.focus()
      }
    },
  })
  return { form, rest, setRest, isPending: sending.isPending, submit: form.onSubmit((values) => sending.mutate(values)) }
}

interface EndProps {
  rest: string
  isPending: boolean
  label: string
  aside?: ReactNode
  disabled?: boolean
}

/** The end of a form: what is wrong with all of it, and its button. */
export const FormEnd = ({ rest, isPending, label, aside, disabled }: EndProps) => (
  <>
    {rest && (
      <div className="note bad" role="alert">
        {rest}
      </div>
    )}
    <Group justify="flex-end" gap="sm">
      {aside}
      <Button type="submit" size="sm" loading={isPending} disabled={disabled}>
        {label}
      </Button>
    </Group>
  </>
)

/** NAME=VALUE, a line each; empty lines and comments are left out. The first line that is none is returned as what is wrong. */
export function readEnvironment(text: string): { values: Record<string, string>; bad?: string } {
  const values: Record<string, string> = {}
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) {
      continue
    }
    const equals = trimmed.indexOf('=')
    if (equals < 1) {
      return { values, bad: `Line ${index + 1} must be NAME=VALUE.` }
    }
    values[trimmed.slice(0, equals).trim()] = trimmed.slice(equals + 1)
  }
  return { values }
}

export const CRITICALITIES = ['low', 'medium', 'high', 'critical']
export const STRATEGIES = ['safe', 'canary', 'blue-green', 'all-in']

import { TextInput } from '@mantine/core'
import { FormEnd, useApiForm } from './form'

interface Props<T> {
  /** What becomes of it. */
  says: string
  label: string
  send: (reason: string) => Promise<T>
  done: () => void
}

/** Within a dialog: says what an order means, and asks why it is given. */
export function ReasonForm<T>({ says, label, send, done }: Props<T>) {
  const { form, rest, isPending, submit } = useApiForm({ initial: { reason: '' }, send: ({ reason }) => send(reason), done })
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate>
      <div>{says}</div>
      <TextInput label="Why" withAsterisk data-autofocus {...form.getInputProps('reason')} data-path="reason" />
      <FormEnd rest={rest} isPending={isPending} label={label} />
    </form>
  )
}

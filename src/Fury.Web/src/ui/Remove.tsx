import { Button, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Trouble } from './Bits'

interface Props {
  /** What becomes of it. */
  says: string
  send: () => Promise<unknown>
  done: () => void
}

/** Within a dialog: says what it means before something is removed. */
export function Remove({ says, send, done }: Props) {
  const remove = useMutation({ mutationFn: send, onSuccess: done })
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      <div>{says}</div>
      {remove.error && <Trouble error={remove.error} />}
      <Group justify="flex-end">
        <Button size="sm" color="red" onClick={() => remove.mutate()} loading={remove.isPending} data-autofocus>
          Remove it
        </Button>
      </Group>
    </div>
  )
}

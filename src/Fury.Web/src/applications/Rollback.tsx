import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, newKey, ok } from '../api/client'
import { releases } from '../api/queries'
import { Trouble } from '../ui/Bits'
import { useName } from '../ui/Me'
import { exact } from '../ui/words'

interface Props {
  application: string
  scope: string
  isPossible: boolean
  disabled?: boolean
}

/** Back to what ran before, in two presses; to another release in three. */
export function RollbackButton({ application, scope, isPossible, disabled }: Props) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => setOpen(true)} disabled={disabled || !isPossible}>
        Roll back
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title={`Roll ${scope} back`} centered>
        {isOpen && <Rollback application={application} scope={scope} close={() => setOpen(false)} />}
      </Modal>
    </>
  )
}

const BEFORE = 'before'

function Rollback({ application, scope, close }: { application: string; scope: string; close: () => void }) {
  const [to, setTo] = useState(BEFORE)
  const [key] = useState(newKey)
  const by = useName()
  const navigate = useNavigate()
  const known = useQuery(releases(application, scope))
  const go = useMutation({
    mutationFn: () =>
      ok(
        api.POST('/api/v1/applications/{application}/scopes/{scope}/rollback', {
          params: { path: { application, scope }, header: { 'Idempotency-Key': key } },
          body: { to: to === BEFORE ? undefined : to, whenBusy: 'replace', by },
        }),
      ),
    onSuccess: (made) => void navigate({ to: '/deployments/$id', params: { id: made.id } }),
  })
  return (
    <form onSubmit={(event) => (event.preventDefault(), go.mutate())}>
      <Stack gap="sm">
        <Text>
          Everything of the release comes back: version, configuration and size. What is being deployed now is aborted first. No request is lost on
          the way.
        </Text>
        <Select
          label="To"
          value={to}
          onChange={(value) => setTo(value ?? BEFORE)}
          data-autofocus
          data={[
            { value: BEFORE, label: 'The release before the current one' },
            ...(known.data?.items ?? []).map((one) => ({ value: one.id, label: `${one.version}, of ${exact(one.createdAt)}` })),
          ]}
        />
        {go.error && <Trouble error={go.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Not now
          </Button>
          <Button type="submit" loading={go.isPending}>
            Roll back
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

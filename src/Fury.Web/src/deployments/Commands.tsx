import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconDots, IconPlayerPause, IconPlayerPlay, IconPlayerTrackNext, IconX } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, newKey, ok } from '../api/client'
import type { Deployment } from '../api/types'
import { RollbackButton } from '../applications/Rollback'
import { Trouble } from '../ui/Bits'
import { Guard } from '../ui/Me'
import { isBack, isOver, nameOf, plain } from '../ui/words'

interface Command {
  word: string
  label: string
  says: (of: Deployment) => string
  isFor: (of: Deployment) => boolean
}

const FORWARD = ['admitted', 'provisioning', 'shifting', 'converging', 'judging', 'baking']

/** What may be asked of a deployment, and what it means, said before it is done. */
const COMMANDS: Command[] = [
  {
    word: 'promote',
    label: 'Promote',
    isFor: ({ phase }) => phase === 'judging' || phase === 'held',
    says: () => 'It leaves this step whatever its gate says, and goes on with the next one.',
  },
  {
    word: 'hold',
    label: 'Hold',
    isFor: ({ phase }) => FORWARD.includes(phase) && phase !== 'admitted',
    says: () => 'The weights stay as they are until somebody resumes it; the judge keeps watching.',
  },
  {
    word: 'resume',
    label: 'Resume',
    isFor: ({ phase }) => phase === 'held',
    says: () => 'It goes on with the step it is held in, its capacity first, and is judged anew.',
  },
  {
    word: 'abort',
    label: 'Abort',
    isFor: ({ phase }) => !isOver(phase) && !isBack(phase),
    says: (of) => `${of.version} gets no traffic any more, and what ran before serves all of it. No request is lost on the way.`,
  },
  {
    word: 'promote-full',
    label: 'Promote to 100 %',
    isFor: ({ phase }) => phase === 'judging' || phase === 'held',
    says: () => 'It goes to the last step at once: the candidate gets all of the traffic.',
  },
  {
    word: 'retry-step',
    label: 'Begin this step again',
    isFor: ({ phase }) => phase === 'held',
    says: () => 'The step is begun again and judged anew: nothing speaks for or against the candidate any more.',
  },
  {
    word: 'retry-all',
    label: 'Begin with the first step again',
    isFor: ({ phase }) => phase === 'held',
    says: () => 'All steps are begun again and judged anew.',
  },
  {
    word: 'finalise',
    label: 'Finalise',
    isFor: ({ phase, held }) => phase === 'held' && held?.cause === 'finalise',
    says: () => 'What was left is taken down. From then on there is no way back by a change of weights.',
  },
]

const ICONS: Record<string, typeof IconX> = { promote: IconPlayerTrackNext, hold: IconPlayerPause, resume: IconPlayerPlay, abort: IconX }
const ON_PAGE = ['promote', 'hold', 'resume', 'finalise', 'abort']

export function Commands({ of }: { of: Deployment }) {
  const [asked, setAsked] = useState<Command>()
  const { application, scope } = of.scope
  const possible = COMMANDS.filter((command) => command.isFor(of))
  const others = possible.filter((command) => !ON_PAGE.includes(command.word))
  return (
    <>
      {of.phase === 'done' && (
        <Guard may="rollback">
          <RollbackButton application={application} scope={scope} isPossible />
        </Guard>
      )}
      {possible
        .filter((command) => ON_PAGE.includes(command.word))
        .map((command) => {
          const Icon = ICONS[command.word]
          return (
            <Guard may="deploy" key={command.word}>
              <Button
                variant={command.word === 'abort' ? 'outline' : 'default'}
                color={command.word === 'abort' ? 'red' : undefined}
                leftSection={Icon && <Icon size={14} />}
                onClick={() => setAsked(command)}
              >
                {command.label}
              </Button>
            </Guard>
          )
        })}
      {others.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label="More commands" variant="default" size={30}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((command) => (
              <Guard may="deploy" key={command.word}>
                <Menu.Item onClick={() => setAsked(command)}>{command.label}</Menu.Item>
              </Guard>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <Modal opened={!!asked} onClose={() => setAsked(undefined)} title={asked && `${asked.label}: ${nameOf(of.scope)} to ${of.version}`} centered>
        {asked && <Confirm command={asked} of={of} close={() => setAsked(undefined)} />}
      </Modal>
    </>
  )
}

function Confirm({ command, of, close }: { command: Command; of: Deployment; close: () => void }) {
  const [reason, setReason] = useState('')
  const [key] = useState(newKey)
  const client = useQueryClient()
  const go = useMutation({
    mutationFn: () =>
      ok(
        api.POST('/api/v1/deployments/{id}/{command}', {
          params: { path: { id: of.id, command: command.word }, header: { 'Idempotency-Key': key } },
          body: reason.trim() ? { reason: reason.trim() } : {},
        }),
      ),
    onSuccess: close,
    // Somebody else may have been faster: what is so now is shown either way.
    onSettled: () => client.invalidateQueries({ queryKey: ['deployment', of.id] }),
  })
  const isLate = !command.isFor(of) && !go.isPending && !go.isSuccess
  return (
    <form onSubmit={(event) => (event.preventDefault(), go.mutate())}>
      <Stack gap="sm">
        <Text>{command.says(of)}</Text>
        {isLate && (
          <div className="note wait" role="alert">
            Somebody was faster: it is {plain(of.phase)} now. {of.reason}
          </div>
        )}
        <TextInput
          label="Why"
          description="For the record; it may be left out."
          maxLength={500}
          value={reason}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {go.error && <Trouble error={go.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Not now
          </Button>
          <Button type="submit" color={command.word === 'abort' ? 'red' : undefined} loading={go.isPending} disabled={isLate}>
            {command.label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

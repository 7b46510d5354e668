import { Group, NumberInput, Select, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '../api/client'
import { versions } from '../api/queries'
import type { components } from '../api/schema'
import { FormEnd, useApiForm } from '../ui/form'
import { Remove } from '../ui/Remove'

export type Schedule = components['schemas']['ScheduleView']

interface Props {
  application: string
  scope: string
  /** The one that is changed; none: a new one is made. */
  known?: Schedule
  close: () => void
}

/** When a job runs by itself, and which. What the form does not ask for stays as it is. */
export function ScheduleForm({ application, scope, known, close }: Props) {
  const client = useQueryClient()
  const all = useQuery(versions(application))
  const { form, rest, isPending, submit } = useApiForm({
    initial: {
      name: known?.name ?? '',
      cron: known?.cron ?? '30 2 * * *',
      timeZone: known?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      concurrency: known?.concurrency ?? 'forbid',
      version: known?.job.version ?? '',
      command: known?.job.command ?? '',
      arguments: (known?.job.arguments ?? []).join(' '),
      retries: (known?.job.retries ?? 0) as number | string,
      deadlineSeconds: (known?.job.deadlineSeconds ?? 3600) as number | string,
    },
    names: {
      'job.version': 'version',
      'job.command': 'command',
      'job.arguments': 'arguments',
      'job.retries': 'retries',
      'job.deadlineSeconds': 'deadlineSeconds',
    },
    send: ({ name, cron, timeZone, concurrency, version, command, arguments: words, retries, deadlineSeconds }) =>
      ok(
        api.PUT('/api/v1/applications/{application}/scopes/{scope}/schedules/{name}', {
          params: { path: { application, scope, name: name.trim() || ' ' } },
          body: {
            cron,
            timeZone,
            concurrency,
            paused: known?.paused,
            succeededKept: known?.succeededKept,
            failedKept: known?.failedKept,
            job: {
              version,
              command: command || undefined,
              arguments: argumentsOf(words, known),
              retries: retries === '' ? undefined : retries,
              deadlineSeconds: deadlineSeconds === '' ? undefined : deadlineSeconds,
              size: known?.job.size ?? undefined,
              location: known?.job.location ?? undefined,
              startWithinSeconds: known?.job.startWithinSeconds,
              retryWhenLost: known?.job.retryWhenLost,
            },
          } as never,
        }),
      ),
    done: () => (void refresh(client, application, scope), close()),
  })
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate>
      <Group grow align="start">
        <TextInput
          label="Name"
          withAsterisk
          disabled={!!known}
          data-autofocus={known ? undefined : true}
          placeholder="nightly"
          {...form.getInputProps('name')}
          data-path="name"
        />
        <Select
          label="Version"
          withAsterisk
          searchable
          data={[...new Set([...(all.data?.items.map((one) => one.version) ?? []), form.values.version].filter(Boolean))]}
          nothingFoundMessage="No such version is registered."
          {...form.getInputProps('version')}
          data-path="version"
        />
      </Group>
      <Group grow align="start">
        <TextInput
          label="When"
          description="Cron: minute, hour, day, month, weekday"
          withAsterisk
          classNames={{ input: 'mono' }}
          data-autofocus={known ? true : undefined}
          {...form.getInputProps('cron')}
          data-path="cron"
        />
        <TextInput label="Time zone" description="IANA name" {...form.getInputProps('timeZone')} data-path="timeZone" />
      </Group>
      <TextInput label="Command" description="The version's own when it is empty." {...form.getInputProps('command')} data-path="command" />
      <TextInput label="Arguments" description="With spaces between them." {...form.getInputProps('arguments')} data-path="arguments" />
      <Group grow align="start">
        <NumberInput label="Retries" {...form.getInputProps('retries')} data-path="retries" />
        <NumberInput label="Within" suffix=" s" {...form.getInputProps('deadlineSeconds')} data-path="deadlineSeconds" />
      </Group>
      <Select
        label="When the run before has not ended"
        {...form.getInputProps('concurrency')}
        data={[
          { value: 'forbid', label: 'the new one is left out' },
          { value: 'allow', label: 'both run' },
          { value: 'replace', label: 'the old one is cancelled first' },
        ]}
      />
      <FormEnd rest={rest} isPending={isPending} label={known ? 'Change it' : 'Set it'} />
    </form>
  )
}

/** The list as it was when nobody has touched its words: an argument with a space in it stays one. */
function argumentsOf(words: string, known?: Schedule) {
  const before = known?.job.arguments ?? []
  return words === before.join(' ') ? (known?.job.arguments ?? undefined) : words.trim() ? words.trim().split(/\s+/) : undefined
}

const refresh = (client: ReturnType<typeof useQueryClient>, application: string, scope: string) =>
  client.invalidateQueries({ queryKey: ['application', application, 'scope', scope, 'schedules'] })

/** Nothing is due any more; runs that go on go on. */
export function RemoveSchedule({ application, scope, known: { name }, close }: Props & { known: Schedule }) {
  const client = useQueryClient()
  return (
    <Remove
      says="It is not due any more. Its runs go on to their end."
      send={() => ok(api.DELETE('/api/v1/applications/{application}/scopes/{scope}/schedules/{name}', { params: { path: { application, scope, name } } }))}
      done={() => (void refresh(client, application, scope), close())}
    />
  )
}

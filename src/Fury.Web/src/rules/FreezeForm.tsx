import { Group, MultiSelect, NumberInput, SegmentedControl, Select, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { api, ok } from '../api/client'
import { CRITICALITIES, FormEnd, useApiForm } from '../ui/form'
import { useName } from '../ui/Me'
import { titled } from '../ui/words'

interface Values extends Record<string, unknown> {
  name: string
  kind: string
  teams: string[]
  applications: string[]
  scopes: string[]
  criticalities: string[]
  when: string
  from: string
  to: string
  cron: string
  minutes: number | ''
  timeZone: string
  inFlight: string
  reason: string
}

const moment = (text: string) => (text ? new Date(text).toISOString() : undefined)

/** Makes a freeze; {@link first} fills in what somebody who stops the line would say. */
export function FreezeForm({ close, first = {} }: { close: () => void; first?: Partial<Values> }) {
  const client = useQueryClient()
  const by = useName()
  const { form, rest, isPending, submit } = useApiForm({
    initial: {
      name: '',
      kind: 'deny',
      teams: [],
      applications: [],
      scopes: [],
      criticalities: [],
      when: 'open',
      from: '',
      to: '',
      cron: '0 18 * * 5',
      minutes: 3720,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      inFlight: 'hold',
      reason: '',
      ...first,
    } as Values,
    names: {
      'covers.scopes': 'scopes',
      'covers.teams': 'teams',
      'covers.applications': 'applications',
      'covers.criticalities': 'criticalities',
      'recurs.cron': 'cron',
      'recurs.minutes': 'minutes',
      'recurs.timeZone': 'timeZone',
    },
    send: ({ name, kind, teams, applications, scopes, criticalities, when, from, to, cron, minutes, timeZone, inFlight, reason }) =>
      ok(
        api.PUT('/api/v1/freezes/{name}', {
          params: { path: { name: name.trim() || ' ' } },
          body: {
            kind,
            inFlight,
            reason,
            by,
            covers: { teams, applications, scopes, criticalities },
            from: when === 'times' ? moment(from) : undefined,
            to: when === 'times' ? moment(to) : undefined,
            recurs: when === 'recurs' ? { cron, minutes: minutes === '' ? undefined : minutes, timeZone } : undefined,
          } as never,
        }),
      ),
    done: () => (void client.invalidateQueries({ queryKey: ['freezes'] }), close()),
  })
  const { when } = form.values
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate>
      <Group grow align="start">
        <TextInput label="Name" withAsterisk data-autofocus placeholder="year-end" {...form.getInputProps('name')} data-path="name" />
        <Select
          label="Kind"
          {...form.getInputProps('kind')}
          data={[
            { value: 'deny', label: 'Nothing is deployed while it lasts' },
            { value: 'allow', label: 'Deployed only while it lasts' },
          ]}
        />
      </Group>
      <Group grow align="start">
        <TagsInput label="Scopes" description="Such as production-*; empty: all" {...form.getInputProps('scopes')} data-path="scopes" />
        <TagsInput label="Applications" description="Empty: all" {...form.getInputProps('applications')} data-path="applications" />
      </Group>
      <Group grow align="start">
        <TagsInput label="Teams" description="Empty: all" {...form.getInputProps('teams')} data-path="teams" />
        <MultiSelect
          label="Criticalities"
          description="Empty: all"
          data={CRITICALITIES.map((value) => ({ value, label: titled(value) }))}
          {...form.getInputProps('criticalities')}
          data-path="criticalities"
        />
      </Group>
      <SegmentedControl
        size="xs"
        aria-label="When"
        {...form.getInputProps('when')}
        data={[
          { value: 'open', label: 'From now until it is removed' },
          { value: 'times', label: 'From, to' },
          { value: 'recurs', label: 'Again and again' },
        ]}
      />
      {when === 'times' && (
        <Group grow align="start">
          <TextInput type="datetime-local" label="From" description="Your time; empty: now" {...form.getInputProps('from')} data-path="from" />
          <TextInput
            type="datetime-local"
            label="To"
            description="Your time; empty: until it is removed"
            {...form.getInputProps('to')}
            data-path="to"
          />
        </Group>
      )}
      {when === 'recurs' && (
        <Group grow align="start">
          <TextInput label="Begins" description="Cron, five fields" classNames={{ input: 'mono' }} {...form.getInputProps('cron')} data-path="cron" />
          <NumberInput label="Lasts" description="Minutes each time" {...form.getInputProps('minutes')} data-path="minutes" />
          <TextInput label="Time zone" description="IANA name" {...form.getInputProps('timeZone')} data-path="timeZone" />
        </Group>
      )}
      <Select
        label="What is on its way"
        {...form.getInputProps('inFlight')}
        data={[
          { value: 'hold', label: 'waits where it is' },
          { value: 'finish-step', label: 'ends its step first' },
          { value: 'rollback', label: 'turns back' },
        ]}
      />
      <TextInput label="Why" description="Everybody who waits for it reads this." withAsterisk {...form.getInputProps('reason')} data-path="reason" />
      <FormEnd rest={rest} isPending={isPending} label="Freeze" />
    </form>
  )
}

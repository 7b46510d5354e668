import { Group, MultiSelect, PasswordInput, Switch, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { api, ok } from '../api/client'
import type { Webhook } from '../api/office'
import { FormEnd, useApiForm } from '../ui/form'
import { titled } from '../ui/words'

const PHASES = ['admitted', 'judging', 'held', 'baking', 'done', 'shifting-back', 'rolled-back', 'aborted']

/** Makes a webhook, or changes the one that is known. Its secret goes in and never comes out. */
export function WebhookForm({ known, close }: { known?: Webhook; close: () => void }) {
  const client = useQueryClient()
  const { form, rest, isPending, submit } = useApiForm({
    initial: {
      name: known?.name ?? '',
      url: known?.url ?? '',
      secret: '',
      teams: known?.teams ?? [],
      applications: (known?.applications ?? []) as string[],
      scopes: known?.scopes ?? [],
      phases: (known?.phases ?? []) as string[],
      enabled: known?.enabled ?? true,
    },
    send: ({ name, secret, ...body }) =>
      ok(
        api.PUT('/api/v1/webhooks/{name}', {
          params: { path: { name: name.trim() || ' ' } },
          body: { ...body, secret: secret || undefined },
        }),
      ),
    done: () => (void client.invalidateQueries({ queryKey: ['webhooks'] }), close()),
  })
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate autoComplete="off">
      <Group grow align="start">
        <TextInput
          label="Name"
          withAsterisk
          disabled={!!known}
          data-autofocus={known ? undefined : true}
          placeholder="team-chat"
          {...form.getInputProps('name')}
          data-path="name"
        />
        <TextInput
          label="Address"
          withAsterisk
          data-autofocus={known ? true : undefined}
          placeholder="https://chat.example.com/hooks/7"
          {...form.getInputProps('url')}
          data-path="url"
        />
      </Group>
      <PasswordInput
        label="Secret"
        description={
          known
            ? 'Left empty, it stays the one that it is. It is never shown.'
            : '16 to 200 characters, which sign what is sent. Keep it: it is never shown again.'
        }
        withAsterisk={!known}
        autoComplete="new-password"
        {...form.getInputProps('secret')}
        data-path="secret"
      />
      <Group grow align="start">
        <TagsInput label="Applications" description="Empty: all" {...form.getInputProps('applications')} data-path="applications" />
        <TagsInput label="Scopes" description="Such as production-*; empty: all" {...form.getInputProps('scopes')} data-path="scopes" />
      </Group>
      <Group grow align="start">
        <TagsInput label="Teams" description="Empty: all" {...form.getInputProps('teams')} data-path="teams" />
        <MultiSelect
          label="Events"
          description="Empty: each of them"
          data={[...new Set([...PHASES, ...form.values.phases])].map((value) => ({ value, label: titled(value) }))}
          {...form.getInputProps('phases')}
          data-path="phases"
        />
      </Group>
      <Switch label="It is told" description="What happens while it is not is not kept for it." {...form.getInputProps('enabled', { type: 'checkbox' })} />
      <FormEnd rest={rest} isPending={isPending} label={known ? 'Change it' : 'Make it'} />
    </form>
  )
}

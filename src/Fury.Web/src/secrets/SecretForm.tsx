import { Switch, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { secrets } from '../api/queries'
import { FormEnd, useApiForm } from '../ui/form'
import { inAddress } from './names'

interface Props {
  application: string
  scope: string
  /** The one that is given a new value; none: one is set by its name. */
  known?: string
  /** Names that have a value. */
  taken: string[]
  close: () => void
}

/** Gives a secret its value, which is in this form alone and gone with it. */
export function SecretForm({ application, scope, known, taken, close }: Props) {
  const client = useQueryClient()
  const [isShown, setShown] = useState(false)
  const { form, rest, isPending, submit } = useApiForm({
    initial: { name: known ?? '', value: '' },
    names: { secret: 'name' },
    send: ({ name, value }) =>
      ok(
        api.PUT('/api/v1/applications/{application}/scopes/{scope}/secrets/{secret}', {
          params: { path: { application, scope, secret: inAddress(name) } },
          body: { value: value.replace(/\n$/, '') },
        }),
      ),
    done: () => (void client.invalidateQueries({ queryKey: secrets(application, scope).queryKey }), close()),
  })
  const isTaken = !known && taken.includes(form.values.name.trim())
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate autoComplete="off">
      {!known && (
        <TextInput
          label="Name"
          description={isTaken ? 'It has a value already, and this one takes its place.' : 'As the code asks for it, such as DB_PASSWORD.'}
          withAsterisk
          data-autofocus
          {...form.getInputProps('name')}
          data-path="name"
        />
      )}
      {/* Of several lines, since keys are, which no password field takes. What is in it is no business of a spelling checker, which may ask a server. */}
      <Textarea
        label="Value"
        description="It is never shown again, and instances have it when they next ask. A line end behind it is no part of it."
        withAsterisk
        rows={4}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        classNames={{ input: isShown ? 'mono' : 'masked' }}
        data-autofocus={known ? true : undefined}
        {...form.getInputProps('value')}
        data-path="value"
      />
      <Switch label="Show what I write" checked={isShown} onChange={(event) => setShown(event.currentTarget.checked)} />
      <FormEnd rest={rest} isPending={isPending} label={known || isTaken ? 'Change it' : 'Set it'} />
    </form>
  )
}

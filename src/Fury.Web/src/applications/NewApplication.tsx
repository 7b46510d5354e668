import { Select, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, ok } from '../api/client'
import { Panel } from '../ui/Bits'
import { CRITICALITIES, FormEnd, useApiForm } from '../ui/form'
import { Heading } from '../ui/Heading'
import { titled } from '../ui/words'
import styles from './Application.module.css'

export function NewApplication() {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { form, rest, isPending, submit } = useApiForm({
    initial: { application: '', team: '', criticality: 'low' },
    send: ({ application, ...body }) =>
      ok(api.PUT('/api/v1/applications/{application}', { params: { path: { application: application.trim() || ' ' } }, body })),
    done: (made) => {
      void client.invalidateQueries({ queryKey: ['applications'] })
      void navigate({ to: '/applications/$application', params: { application: made.name } })
    },
  })
  return (
    <div className={styles.form}>
      <Heading title="New application" />
      <Panel>
        <form className="body" onSubmit={submit} style={{ display: 'grid', gap: 14 }} noValidate>
          <TextInput
            label="Name"
            description="Small letters, digits and hyphens, such as payments-api."
            autoFocus
            withAsterisk
            {...form.getInputProps('application')}
            data-path="application"
          />
          <TextInput
            label="Team"
            description="Who owns it, and is asked when it is down."
            withAsterisk
            {...form.getInputProps('team')}
            data-path="team"
          />
          <Select
            label="Criticality"
            description="How bad it is when it is down: it decides which freezes, approvals and clusters it gets."
            data={CRITICALITIES.map((value) => ({ value, label: titled(value) }))}
            {...form.getInputProps('criticality')}
          />
          <FormEnd rest={rest} isPending={isPending} label="Create it" />
        </form>
      </Panel>
    </div>
  )
}

import { Select, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { raw } from '../api/client'
import { Panel } from '../ui/Bits'
import { FormEnd, useApiForm } from '../ui/form'
import { Heading } from '../ui/Heading'
import { titled } from '../ui/words'
import { Crumbs } from './ApplicationPage'
import styles from './Application.module.css'

export const KINDS = ['objects', 'key-value', 'queue', 'topic', 'stream', 'cache', 'secrets', 'configuration', 'locks', 'sequences']

/** A name of a service may have a slash in it; each part of it is a part of the address. */
export const pathOf = (name: string) => name.split('/').map(encodeURIComponent).join('/')

export function NewService() {
  const { application } = useParams({ from: '/applications/$application/new-service' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const { form, rest, isPending, submit } = useApiForm({
    initial: { kind: 'key-value', service: '' },
    send: ({ kind, service }) => raw(`/api/v1/applications/${application}/services/${kind}/${pathOf(service.trim()) || '%20'}`, { method: 'PUT' }),
    done: () => {
      void client.invalidateQueries({ queryKey: ['application', application] })
      void navigate({ to: '/applications/$application', params: { application } })
    },
  })
  return (
    <div className={styles.form}>
      <Heading title="New service" above={<Crumbs application={application} />} />
      <Panel>
        <form className="body" onSubmit={submit} style={{ display: 'grid', gap: 14 }} noValidate>
          <Select
            label="Kind"
            description="What the code asks for; which provider stands behind it is said in each scope."
            data={KINDS.map((value) => ({ value, label: titled(value) }))}
            {...form.getInputProps('kind')}
          />
          <TextInput
            label="Name"
            description="As the code names it, such as carts."
            withAsterisk
            autoFocus
            {...form.getInputProps('service')}
            data-path="service"
          />
          <FormEnd rest={rest} isPending={isPending} label="Declare it" />
        </form>
      </Panel>
    </div>
  )
}

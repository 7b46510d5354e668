import { Switch, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { api, ok } from '../api/client'
import { Panel } from '../ui/Bits'
import { FormEnd, readEnvironment, useApiForm } from '../ui/form'
import { Heading } from '../ui/Heading'
import { Crumbs } from './ApplicationPage'
import styles from './Application.module.css'

export function NewVersion() {
  const { application } = useParams({ from: '/applications/$application/new-version' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const { form, rest, isPending, submit } = useApiForm({
    initial: { version: '', path: '', command: '', environment: '', forwardOnly: false },
    names: { 'artifact.path': 'path', 'artifact.command': 'command', artifact: 'path' },
    send: ({ version, path, command, environment, forwardOnly }) =>
      ok(
        api.PUT('/api/v1/applications/{application}/versions/{version}', {
          params: { path: { application, version: version.trim() || ' ' } },
          body: { artifact: { path, command: command || undefined }, environment: readEnvironment(environment).values, forwardOnly } as never,
        }),
      ),
    done: () => {
      void client.invalidateQueries({ queryKey: ['application', application] })
      void navigate({ to: '/applications/$application', params: { application } })
    },
  })
  const bad = readEnvironment(form.values.environment).bad
  return (
    <div className={styles.form}>
      <Heading title="New version" above={<Crumbs application={application} />} />
      <Panel>
        <form className="body" onSubmit={submit} style={{ display: 'grid', gap: 14 }} noValidate>
          <TextInput
            label="Version"
            description="By Semantic Versioning, such as 1.4.0. Once it is there it never changes."
            withAsterisk
            autoFocus
            {...form.getInputProps('version')}
            data-path="version"
          />
          <TextInput
            label="Artifact"
            description="The absolute path of a folder, or of one executable, on the host's machine."
            withAsterisk
            classNames={{ input: 'mono' }}
            {...form.getInputProps('path')}
            data-path="path"
          />
          <TextInput
            label="Command"
            description="The executable in that folder; empty when the artifact is one."
            classNames={{ input: 'mono' }}
            {...form.getInputProps('command')}
            data-path="command"
          />
          <Textarea
            label="Environment"
            description="NAME=VALUE, a line each: defaults that a scope may override."
            autosize
            minRows={2}
            maxRows={10}
            classNames={{ input: 'mono' }}
            {...form.getInputProps('environment')}
            data-path="environment"
            error={bad ?? form.errors.environment}
          />
          <Switch
            label="Only forward"
            description="Its deployments are held when they fail and never turn back by themselves, as of a version that changes a schema."
            {...form.getInputProps('forwardOnly', { type: 'checkbox' })}
          />
          <FormEnd rest={rest} isPending={isPending} label="Register it" />
        </form>
      </Panel>
    </div>
  )
}

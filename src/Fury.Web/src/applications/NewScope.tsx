import { NumberInput, Select, Skeleton, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { api, ok } from '../api/client'
import { scope as scopeQuery } from '../api/queries'
import type { Scope } from '../api/types'
import { Panel, Trouble } from '../ui/Bits'
import { CRITICALITIES, FormEnd, readEnvironment, useApiForm } from '../ui/form'
import { Heading } from '../ui/Heading'
import { titled } from '../ui/words'
import { Crumbs } from './ApplicationPage'
import styles from './Application.module.css'

/** Makes a scope, or changes the one that the address names. */
export function NewScope() {
  const { application } = useParams({ from: '/applications/$application/new-scope' })
  const { like } = useSearch({ from: '/applications/$application/new-scope' })
  const known = useQuery({ ...scopeQuery(application, like ?? ''), enabled: !!like, staleTime: Infinity })
  return like && !known.data ? (
    known.error ? (
      <Trouble error={known.error} />
    ) : (
      <Skeleton height={300} />
    )
  ) : (
    <ScopeForm application={application} known={known.data} />
  )
}

function ScopeForm({ application, known }: { application: string; known?: Scope }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { form, rest, isPending, submit } = useApiForm({
    initial: {
      scope: known?.ref.scope ?? '',
      compute: known?.compute ?? 'standard',
      criticality: known?.criticality ?? 'low',
      workload: known?.workload ?? 'web',
      minReplicas: known?.minReplicas ?? 2,
      maxReplicas: known?.maxReplicas ?? 4,
      cpuMillis: known?.size.cpuMillis ?? 250,
      memoryMiB: known?.size.memoryMiB ?? 256,
      healthPath: known?.healthPath ?? '/health',
      environment: Object.entries(known?.environment ?? {})
        .map(([name, value]) => `${name}=${value}`)
        .join('\n'),
    },
    names: { 'size.cpuMillis': 'cpuMillis', 'size.memoryMiB': 'memoryMiB' },
    send: ({ scope, cpuMillis, memoryMiB, environment, ...body }) =>
      ok(
        api.PUT('/api/v1/applications/{application}/scopes/{scope}', {
          params: { path: { application, scope: scope.trim() || ' ' } },
          body: { ...body, scaling: known?.scaling, size: { cpuMillis, memoryMiB }, environment: readEnvironment(environment).values } as never,
          headers: known ? { 'If-Match': `"${known.revision}"` } : {},
        }),
      ),
    done: (made) => {
      void client.invalidateQueries({ queryKey: ['application', application] })
      void navigate({ to: '/applications/$application/$scope', params: { application, scope: made.ref.scope } })
    },
  })
  const bad = readEnvironment(form.values.environment).bad
  return (
    <div className={styles.form}>
      <Heading title={known ? `Change ${known.ref.scope}` : 'New scope'} above={<Crumbs application={application} />} />
      {known && (
        <div className="note">What runs stays as it is. The next deployment takes the change along, and going back brings the old settings back.</div>
      )}
      <Panel>
        <form className="body" onSubmit={submit} style={{ display: 'grid', gap: 14 }} noValidate>
          <TextInput
            label="Name"
            description="Environment and role, such as production-web. The process learns it from the variable SCOPE."
            withAsterisk
            disabled={!!known}
            autoFocus={!known}
            {...form.getInputProps('scope')}
            data-path="scope"
          />
          <div className={styles.pair}>
            <Select
              label="Runs on"
              data={[
                { value: 'standard', label: 'Instances' },
                { value: 'serverless', label: 'Clusters' },
              ]}
              {...form.getInputProps('compute')}
            />
            <Select
              label="Workload"
              data={['web', 'worker', 'job'].map((value) => ({ value, label: titled(value) }))}
              {...form.getInputProps('workload')}
            />
            <Select
              label="Criticality"
              data={CRITICALITIES.map((value) => ({ value, label: titled(value) }))}
              {...form.getInputProps('criticality')}
            />
          </div>
          <div className={styles.pair}>
            <NumberInput label="Replicas, at least" {...form.getInputProps('minReplicas')} data-path="minReplicas" />
            <NumberInput label="Replicas, at most" {...form.getInputProps('maxReplicas')} data-path="maxReplicas" />
            <NumberInput label="Cores of a replica" description="In thousandths" {...form.getInputProps('cpuMillis')} data-path="cpuMillis" />
            <NumberInput label="Memory of a replica" description="In MiB" {...form.getInputProps('memoryMiB')} data-path="memoryMiB" />
          </div>
          <TextInput
            label="Health"
            description="Answers 2xx once a replica can serve."
            {...form.getInputProps('healthPath')}
            data-path="healthPath"
          />
          <Textarea
            label="Configuration"
            description="NAME=VALUE, a line each; it wins over the version's own. Secrets do not belong here."
            autosize
            minRows={3}
            maxRows={12}
            classNames={{ input: 'mono' }}
            {...form.getInputProps('environment')}
            data-path="environment"
            error={bad ?? form.errors.environment}
          />
          <FormEnd rest={rest} isPending={isPending} label={known ? 'Change it' : 'Create it'} />
        </form>
      </Panel>
    </div>
  )
}

import { Group, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, ok } from '../api/client'
import { asProblem, Problem } from '../api/problem'
import { FormEnd, STRATEGIES, useApiForm } from '../ui/form'
import { useName } from '../ui/Me'
import { faultsOfTargets, readTargets, readWaves } from './targets'

/** Starts a campaign. Whatever it names is checked by the host before the first scope has its turn. Targets may be there already, a line each. */
export function CampaignForm({ targets: given = [] }: { targets?: string[] }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const by = useName()
  const { form, rest, isPending, submit } = useApiForm({
    initial: {
      name: '',
      strategy: 'safe',
      targets: given.join('\n'),
      waves: '1, 5, 20',
      maxConcurrent: 50 as number | string,
      stopAfter: 3 as number | string,
      onStop: 'finish',
    },
    send: async ({ targets, waves, maxConcurrent, stopAfter, ...body }) => {
      const read = readTargets(targets)
      try {
        return await ok(
          api.POST('/api/v1/campaigns', {
            body: {
              ...body,
              by,
              targets: read.map(({ scope, version }) => ({ scope, version })),
              waves: readWaves(waves),
              maxConcurrent: maxConcurrent === '' ? undefined : maxConcurrent,
              stopAfter: stopAfter === '' ? undefined : stopAfter,
            } as never,
          }),
        )
      } catch (error) {
        // A target's place in the request is nothing to whoever wrote lines.
        const problem = asProblem(error)
        throw new Problem(problem.status, problem.message, { ...problem.facts, errors: faultsOfTargets(problem.fields, read) })
      }
    },
    done: (made) => {
      void client.invalidateQueries({ queryKey: ['campaigns'] })
      void navigate({ to: '/backoffice/campaigns/$id', params: { id: made.id } })
    },
  })
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate>
      <Group grow align="start">
        <TextInput
          label="Name"
          description="The same again is the same campaign."
          withAsterisk
          data-autofocus
          placeholder="base-image-12"
          {...form.getInputProps('name')}
          data-path="name"
        />
        <Select label="Strategy" description="Of each deployment." data={STRATEGIES} {...form.getInputProps('strategy')} data-path="strategy" />
      </Group>
      <Textarea
        label="Targets"
        description="A line each: application/scope, and the version. Without a version: the one that it runs, with its settings as they are then."
        withAsterisk
        rows={7}
        classNames={{ input: 'mono' }}
        placeholder={'shop/production-web 4.2.1\nshop/production-worker'}
        {...form.getInputProps('targets')}
        data-path="targets"
      />
      <Group grow align="start">
        <TextInput
          label="First waves"
          description="Their sizes; the later ones are as big as may be in flight."
          {...form.getInputProps('waves')}
          data-path="waves"
        />
        <NumberInput label="In flight" description="So many at once, at most." {...form.getInputProps('maxConcurrent')} data-path="maxConcurrent" />
      </Group>
      <Group grow align="start">
        <NumberInput label="Stops at" description="So many failures." {...form.getInputProps('stopAfter')} data-path="stopAfter" />
        <Select
          label="What is in flight then"
          description="When it stops by itself."
          {...form.getInputProps('onStop')}
          data={[
            { value: 'finish', label: 'goes on, each by its own judge' },
            { value: 'abort', label: 'is aborted' },
          ]}
        />
      </Group>
      <FormEnd rest={rest} isPending={isPending} label="Start it" />
    </form>
  )
}

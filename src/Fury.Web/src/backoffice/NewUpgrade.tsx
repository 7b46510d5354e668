import { Checkbox, Group, MultiSelect, NumberInput, Skeleton, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { api, ok } from '../api/client'
import { type Upgrade, upgradePlan } from '../api/office'
import { asProblem, Problem } from '../api/problem'
import { clusters } from '../api/queries'
import { Empty, Panel } from '../ui/Bits'
import { FormEnd, useApiForm } from '../ui/form'
import { Heading } from '../ui/Heading'
import { useMay, useName } from '../ui/Me'
import { counted } from '../ui/words'
import { faultsOfUpgrade, hasNoTurn, moverOf, requestOf, shapeOf, type UpgradeWish } from './upgrades'
import styles from './Waves.module.css'

const INITIAL: UpgradeWish = { name: '', version: '', clusters: [], emptyFirst: true, maxConcurrent: 2, soakHours: 24, stopAfter: 1 }

// A plan is the same by any name, and it is asked for before there is one.
const NAME_OF_PLAN = 'plan'

/** To which version which clusters are brought, and how; the plan is shown beside it before anything is done. */
export function NewUpgrade() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const by = useName()
  const may = useMay('operate')
  const known = useQuery(clusters)
  const { form, rest, isPending, submit } = useApiForm({
    initial: INITIAL,
    names: { soakSeconds: 'soakHours' },
    send: async (wish) => {
      try {
        return await ok(api.POST('/api/v1/upgrades', { body: requestOf(wish, by) }))
      } catch (error) {
        const problem = asProblem(error)
        throw new Problem(problem.status, problem.message, { ...problem.facts, errors: faultsOfUpgrade(problem.fields, wish.clusters) })
      }
    },
    done: (made) => {
      void client.invalidateQueries({ queryKey: ['upgrades'] })
      void navigate({ to: '/backoffice/upgrades/$id', params: { id: made.id! } })
    },
  })
  const [wish] = useDebouncedValue(form.values, 250)
  const plan = useQuery(upgradePlan(requestOf({ ...wish, name: NAME_OF_PLAN }, by)))
  return (
    <>
      <Heading title="New upgrade" above={<Link to="/backoffice/upgrades">Upgrades</Link>} />
      <div className={styles.form}>
        <Panel>
          <form className="body" onSubmit={submit} style={{ display: 'grid', gap: 14 }} noValidate>
            <Group grow align="start">
              <TextInput
                label="Name"
                description="The same again is the same upgrade."
                withAsterisk
                autoFocus
                placeholder="autumn-1-35"
                {...form.getInputProps('name')}
                data-path="name"
              />
              <TextInput
                label="Version"
                description="Of the control planes; none is skipped."
                withAsterisk
                placeholder="1.35"
                {...form.getInputProps('version')}
                data-path="version"
              />
            </Group>
            <MultiSelect
              label="Clusters"
              description="None chosen: all that are registered."
              data={known.data?.items.map((one) => one.name) ?? []}
              searchable
              clearable
              {...form.getInputProps('clusters')}
              data-path="clusters"
            />
            <Checkbox
              label="Empty each one first"
              description="A control plane never goes back: what runs elsewhere meanwhile need not."
              {...form.getInputProps('emptyFirst', { type: 'checkbox' })}
              data-path="emptyFirst"
            />
            <Group grow align="start">
              <NumberInput label="At once" description="In a region one." {...form.getInputProps('maxConcurrent')} data-path="maxConcurrent" />
              <NumberInput label="Soak" suffix=" h" description="Well for so long." {...form.getInputProps('soakHours')} data-path="soakHours" />
              <NumberInput label="Stops at" description="So many failures." {...form.getInputProps('stopAfter')} data-path="stopAfter" />
            </Group>
            <FormEnd
              rest={rest}
              isPending={isPending}
              label="Start it"
              disabled={!may}
              aside={!may && <span className="quiet">You may not upgrade clusters.</span>}
            />
          </form>
        </Panel>
        <Panel title="What it would do" aside={plan.isFetching ? <span className="quiet">…</span> : undefined}>
          {!wish.version.trim() ? (
            <Empty title="Say to which version.">Then the waves stand here, and nothing begins before you start it.</Empty>
          ) : plan.error ? (
            <div className="body">
              <div className="note bad">{asProblem(plan.error).message}</div>
            </div>
          ) : plan.data ? (
            <Forecast of={plan.data} />
          ) : (
            <Skeleton height={160} m="md" w="auto" />
          )}
        </Panel>
      </div>
    </>
  )
}

function Forecast({ of }: { of: Upgrade }) {
  const all = of.clusters ?? []
  const rest = all.filter(hasNoTurn)
  const waves = Array.from({ length: of.waves }, (_, index) => all.filter((one) => one.wave === index + 1 && !hasNoTurn(one)))
  return (
    <div className="body" style={{ display: 'grid', gap: 14 }}>
      {waves.length === 0 && <div className="note">Every cluster has {of.version} already: nothing is to be done.</div>}
      <ol className={styles.planned} aria-label="Waves">
        {waves.map((its, index) => (
          <li key={index} className={styles.wave}>
            <b>Wave {index + 1}</b> <span className="quiet">of {counted(its.length, 'cluster')}</span>
            <ul>
              {its.map((one) => (
                <li key={one.cluster}>
                  <b>{one.cluster}</b>{' '}
                  <span className="quiet">
                    {one.region}, {one.criticality} criticality, {one.from ?? 'not known yet'} → {of.version}
                  </span>
                  <div className="quiet">{shapeOf(one, all)}</div>
                  <div className="quiet">moved {moverOf(one)}</div>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {rest.length > 0 && waves.length > 0 && (
        <div className="quiet">
          {rest.map((one) => one.cluster).join(', ')}: {rest.length === 1 ? 'has' : 'have'} {of.version} already, and no turn.
        </div>
      )}
    </div>
  )
}

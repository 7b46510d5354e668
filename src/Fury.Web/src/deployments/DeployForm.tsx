import { Button, Group, NumberInput, SegmentedControl, Select, Skeleton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, newKey, ok } from '../api/client'
import { asProblem } from '../api/problem'
import { status, versions } from '../api/queries'
import type { PlanForecast } from '../api/types'
import { Crumbs } from '../applications/ApplicationPage'
import { Empty, Panel } from '../ui/Bits'
import { FormEnd, STRATEGIES, useApiForm } from '../ui/form'
import { Heading } from '../ui/Heading'
import { useMay, useName } from '../ui/Me'
import { count, plain, span } from '../ui/words'
import styles from './Deployment.module.css'
import { Plan } from './Plan'

const MEANINGS: Record<string, string> = {
  safe: 'By steps, each left by evidence: the judge compares it with what runs. For production.',
  canary: 'By steps of 1, 5, 25, 50 and 100 %, each for a time that you say.',
  'blue-green': 'All at once, beside the old pool, which stays warm for the way back.',
  'all-in': 'All at once, as soon as it is ready. For tests.',
}

interface Values extends Record<string, unknown> {
  version: string
  strategy: string
  whenBusy: string
  judgeSeconds: number | ''
  bakeSeconds: number | ''
  maxErrorPercent: number | ''
}

const number = (value: number | '') => (value === '' ? undefined : value)

const requestOf = ({ version, strategy, judgeSeconds, bakeSeconds, maxErrorPercent }: Values) => ({
  version,
  strategy,
  policy: { judgeSeconds: number(judgeSeconds), bakeSeconds: number(bakeSeconds), maxErrorPercent: number(maxErrorPercent) },
})

/** What is deployed and how; the plan is shown beside it before anything is done. */
export function DeployForm() {
  const { application, scope } = useParams({ from: '/applications/$application/$scope/deploy' })
  const { version } = useSearch({ from: '/applications/$application/$scope/deploy' })
  const known = useQuery(versions(application))
  const now = useQuery(status(application, scope))
  return (
    <>
      <Heading
        title={`Deploy to ${scope}`}
        above={<Crumbs application={application} scope={scope} />}
        facts={[now.data?.version && `runs ${now.data.version}`]}
      />
      {known.data && now.data ? (
        known.data.items.length === 0 ? (
          <Panel>
            <Empty title="The application has no version yet.">Register one first; then it can be deployed to any of its scopes.</Empty>
          </Panel>
        ) : (
          <Form
            application={application}
            scope={scope}
            names={known.data.items.map((one) => one.version)}
            first={version}
            running={now.data.version ?? undefined}
            isBusy={!!now.data.inProgress}
          />
        )
      ) : (
        <Skeleton height={300} radius="md" />
      )}
    </>
  )
}

interface Props {
  application: string
  scope: string
  names: string[]
  first?: string
  running?: string
  isBusy: boolean
}

function Form({ application, scope, names, first, running, isBusy }: Props) {
  const navigate = useNavigate()
  const by = useName()
  const may = useMay('deploy')
  const [key] = useState(newKey)
  const { form, rest, isPending, submit } = useApiForm({
    initial: {
      version: first ?? names[0]!,
      strategy: running ? 'safe' : 'all-in',
      whenBusy: 'refuse',
      judgeSeconds: '',
      bakeSeconds: '',
      maxErrorPercent: '',
    } as Values,
    names: { 'policy.judgeSeconds': 'judgeSeconds', 'policy.bakeSeconds': 'bakeSeconds', 'policy.maxErrorPercent': 'maxErrorPercent' },
    send: (values) =>
      ok(
        api.POST('/api/v1/applications/{application}/scopes/{scope}/deployments', {
          params: { path: { application, scope }, header: { 'Idempotency-Key': key } },
          body: { ...requestOf(values), whenBusy: isBusy ? values.whenBusy : undefined, by } as never,
        }),
      ),
    done: (made) => void navigate({ to: '/deployments/$id', params: { id: made.id } }),
  })
  const [wish] = useDebouncedValue(form.values, 250)
  const plan = useQuery({
    queryKey: ['application', application, 'scope', scope, 'plan', wish],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<PlanForecast> =>
      ok(
        api.POST('/api/v1/applications/{application}/scopes/{scope}/plan', {
          params: { path: { application, scope } },
          body: requestOf(wish) as never,
          signal,
        }),
      ),
  })
  return (
    <div className={styles.form}>
      <Panel>
        <form className="body" onSubmit={submit} style={{ display: 'grid', gap: 14 }} noValidate>
          <Select
            label="Version"
            data={names.map((name) => ({ value: name, label: name === running ? `${name}, runs now` : name }))}
            searchable
            {...form.getInputProps('version')}
            data-path="version"
          />
          <div>
            <div style={{ fontSize: 13, fontWeight: 500, marginBottom: 6 }} id="strategy">
              Strategy
            </div>
            <SegmentedControl
              fullWidth
              size="xs"
              aria-labelledby="strategy"
              data={STRATEGIES.map((value) => ({ value, label: plain(value) }))}
              {...form.getInputProps('strategy')}
            />
            <div className="quiet" style={{ fontSize: 12.5, marginTop: 6 }}>
              {MEANINGS[form.values.strategy]}
            </div>
          </div>
          <Group grow align="start">
            <NumberInput label="Judge" suffix=" s" placeholder="usual" {...form.getInputProps('judgeSeconds')} data-path="judgeSeconds" />
            <NumberInput label="Bake" suffix=" s" placeholder="usual" {...form.getInputProps('bakeSeconds')} data-path="bakeSeconds" />
            <NumberInput
              label="Errors, at most"
              suffix=" %"
              placeholder="usual"
              {...form.getInputProps('maxErrorPercent')}
              data-path="maxErrorPercent"
            />
          </Group>
          {isBusy && (
            <Select
              label="Something is being deployed already"
              {...form.getInputProps('whenBusy')}
              data={[
                { value: 'refuse', label: 'Refuse mine' },
                { value: 'replace', label: 'Abort it, and begin when it is back' },
                { value: 'queue', label: 'Begin when it has ended' },
              ]}
            />
          )}
          <FormEnd
            rest={rest}
            isPending={isPending}
            label="Deploy"
            disabled={!may}
            aside={
              may ? (
                <Button variant="default" size="sm" onClick={() => history.back()}>
                  Not now
                </Button>
              ) : (
                <span className="quiet">You may not deploy here.</span>
              )
            }
          />
        </form>
      </Panel>
      <Panel title="What it would do" aside={plan.isFetching ? <span className="quiet">…</span> : undefined}>
        {plan.error ? (
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
  )
}

function Forecast({ of }: { of: PlanForecast }) {
  return (
    <div className="body" style={{ display: 'grid', gap: 14 }}>
      <Plan steps={of.steps.map((one) => one.step)} expected={of.steps.map((one) => one.expectedSeconds)} />
      {of.warnings.map((warning) => (
        <div className="note wait" key={warning}>
          {warning}
        </div>
      ))}
      <dl className="facts">
        <dt>Takes</dt>
        <dd className="num">
          {of.expectedSeconds === null || of.expectedSeconds === undefined
            ? 'until somebody, or evidence, lets it go on'
            : of.expectedSeconds < 1
              ? 'no longer than its replicas need to start'
              : `about ${span(of.expectedSeconds)}`}
        </dd>
        <dt>Traffic now</dt>
        <dd className="num">{count(of.requestsPerSecond)} requests a second</dd>
        {of.reservations.map((one) => (
          <div key={one.location} style={{ display: 'contents' }}>
            <dt>At its largest</dt>
            <dd className="num">
              {one.replicas} replicas of {one.size.cpuMillis / 1000} cores and {one.size.memoryMiB} MiB at {one.location}, beside what runs
            </dd>
          </div>
        ))}
        <dt>Release</dt>
        <dd className="mono">{of.release}</dd>
      </dl>
    </div>
  )
}

import { Button, Group, Modal, NumberInput, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, newKey, ok } from '../api/client'
import { jobs, schedules, versions } from '../api/queries'
import type { Run } from '../api/types'
import { Lines } from '../applications/LogsTab'
import { Empty, Panel, State, type Tone, Trouble, When } from '../ui/Bits'
import { FormEnd, useApiForm } from '../ui/form'
import { Guard } from '../ui/Me'
import { short, span, titled } from '../ui/words'
import { RemoveSchedule, type Schedule, ScheduleForm } from './ScheduleForm'

const TONES: Record<string, Tone> = { succeeded: 'ok', failed: 'bad', lost: 'bad', waiting: 'wait', running: 'busy' }
const isUnderWay = (run: Run) => !['succeeded', 'failed', 'lost', 'cancelled'].includes(run.phase)

/** Processes of the scope that run to their end, and when they do so by themselves. */
export function JobsTab({ application, scope }: { application: string; scope: string }) {
  const runs = useQuery(jobs(application, scope))
  const times = useQuery(schedules(application, scope))
  const [isAsking, setAsking] = useState(false)
  const [shown, setShown] = useState<Run>()
  const [edited, setEdited] = useState<Schedule | 'new'>()
  const [removed, setRemoved] = useState<Schedule>()
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <Panel
        title="Runs"
        aside={
          <Guard may="deploy">
            <Button variant="default" onClick={() => setAsking(true)}>
              Run a job
            </Button>
          </Guard>
        }
      >
        {runs.error && (
          <div className="body">
            <Trouble error={runs.error} />
          </div>
        )}
        {runs.data?.items.length === 0 && (
          <Empty title="No job has run here.">A version that runs to its end once, such as a migration, in the best cluster of its moment.</Empty>
        )}
        <div className="rows">
          {runs.data?.items.map((run) => (
            <div key={run.id} style={{ flexWrap: 'wrap' }}>
              <State tone={TONES[run.phase] ?? 'none'}>{titled(run.phase)}</State>
              <div className="grow">
                <span className="num">{run.version}</span> <span className="quiet mono">{short(run.id)}</span>{' '}
                <span className="quiet">
                  {run.schedule ? `of ${run.schedule}` : ''} {run.cluster ? `in ${run.cluster}` : ''}
                </span>
                {run.reason && <div className="quiet">{run.reason}</div>}
              </div>
              <span className="quiet num">
                {run.startedAt && run.endedAt ? (
                  `took ${span((Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000)}`
                ) : (
                  <When at={run.createdAt} />
                )}
              </span>
              <Button variant="subtle" onClick={() => setShown(run)}>
                Lines
              </Button>
              {isUnderWay(run) && <Cancel application={application} scope={scope} run={run.id} />}
            </div>
          ))}
        </div>
      </Panel>
      <Panel
        title="Schedules"
        aside={
          <Guard may="config">
            <Button variant="default" onClick={() => setEdited('new')}>
              New schedule
            </Button>
          </Guard>
        }
      >
        {times.error && (
          <div className="body">
            <Trouble error={times.error} />
          </div>
        )}
        {times.data?.items.length === 0 && (
          <Empty title="Nothing runs by itself.">A schedule runs a job at its times, such as each night at half past two.</Empty>
        )}
        <div className="rows">
          {times.data?.items.map((one) => (
            <div key={one.name} style={{ flexWrap: 'wrap' }}>
              <div className="grow" style={{ minWidth: 200 }}>
                <b style={{ fontWeight: 560 }}>{one.name}</b>{' '}
                <span className="mono quiet">
                  {one.cron} {one.timeZone}
                </span>
                {one.leftOut && <div className="quiet">{one.leftOut}</div>}
              </div>
              <State tone={one.paused ? 'wait' : 'ok'}>
                {one.paused ? (
                  'Paused'
                ) : (
                  <>
                    next <When at={one.nextAt} />
                  </>
                )}
              </State>
              <Pause application={application} scope={scope} name={one.name} isPaused={one.paused} />
              <Guard may="config">
                <Button variant="default" onClick={() => setEdited(one)} aria-label={`Change ${one.name}`}>
                  Change
                </Button>
              </Guard>
              <Guard may="config">
                <Button variant="outline" color="red" onClick={() => setRemoved(one)} aria-label={`Remove ${one.name}`}>
                  Remove
                </Button>
              </Guard>
            </div>
          ))}
        </div>
      </Panel>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={`Run a job for ${scope}`} centered>
        <JobForm application={application} scope={scope} close={() => setAsking(false)} />
      </Modal>
      <Modal
        opened={!!edited}
        onClose={() => setEdited(undefined)}
        title={edited && (edited === 'new' ? `New schedule for ${scope}` : `Change ${edited.name}`)}
        size="lg"
        centered
      >
        {edited && (
          <ScheduleForm application={application} scope={scope} known={edited === 'new' ? undefined : edited} close={() => setEdited(undefined)} />
        )}
      </Modal>
      <Modal opened={!!removed} onClose={() => setRemoved(undefined)} title={removed && `Remove ${removed.name}`} centered>
        {removed && <RemoveSchedule application={application} scope={scope} known={removed} close={() => setRemoved(undefined)} />}
      </Modal>
      <Modal opened={!!shown} onClose={() => setShown(undefined)} title="What it wrote" size="xl" centered>
        {shown && <Lines title={`Run ${short(shown.id)}`} path={`/api/v1/applications/${application}/scopes/${scope}/jobs/${shown.id}/logs`} />}
      </Modal>
    </div>
  )
}

function Cancel({ application, scope, run }: { application: string; scope: string; run: string }) {
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () =>
      ok(
        api.POST('/api/v1/applications/{application}/scopes/{scope}/jobs/{run}/cancel', { params: { path: { application, scope, run } }, body: {} }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['application', application, 'scope', scope, 'jobs'] }),
  })
  return (
    <Guard may="deploy">
      <Button variant="outline" color="red" onClick={() => cancel.mutate()} loading={cancel.isPending}>
        Cancel
      </Button>
    </Guard>
  )
}

function Pause({ application, scope, name, isPaused }: { application: string; scope: string; name: string; isPaused: boolean }) {
  const client = useQueryClient()
  const path = { params: { path: { application, scope, name } } }
  const change = useMutation({
    mutationFn: () =>
      ok(
        isPaused
          ? api.POST('/api/v1/applications/{application}/scopes/{scope}/schedules/{name}/resume', path)
          : api.POST('/api/v1/applications/{application}/scopes/{scope}/schedules/{name}/pause', path),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['application', application, 'scope', scope, 'schedules'] }),
  })
  return (
    <Guard may="deploy">
      <Button variant="default" onClick={() => change.mutate()} loading={change.isPending}>
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
    </Guard>
  )
}

function JobForm({ application, scope, close }: { application: string; scope: string; close: () => void }) {
  const client = useQueryClient()
  const known = useQuery(versions(application))
  const [key] = useState(newKey)
  const { form, rest, isPending, submit } = useApiForm({
    initial: { version: '', command: '', arguments: '', retries: 0, deadlineSeconds: 3600 },
    send: ({ arguments: words, command, ...body }) =>
      ok(
        api.POST('/api/v1/applications/{application}/scopes/{scope}/jobs', {
          params: { path: { application, scope }, header: { 'Idempotency-Key': key } },
          body: { ...body, command: command || undefined, arguments: words.trim() ? words.trim().split(/\s+/) : undefined } as never,
        }),
      ),
    done: () => {
      void client.invalidateQueries({ queryKey: ['application', application, 'scope', scope, 'jobs'] })
      close()
    },
  })
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate>
      <Select
        label="Version"
        data={known.data?.items.map((one) => one.version) ?? []}
        searchable
        {...form.getInputProps('version')}
        data-path="version"
      />
      <TextInput label="Command" description="The version's own when it is empty." {...form.getInputProps('command')} data-path="command" />
      <TextInput label="Arguments" description="With spaces between them." {...form.getInputProps('arguments')} data-path="arguments" />
      <Group grow align="start">
        <NumberInput label="Retries" {...form.getInputProps('retries')} data-path="retries" />
        <NumberInput label="Within" suffix=" s" {...form.getInputProps('deadlineSeconds')} data-path="deadlineSeconds" />
      </Group>
      <FormEnd rest={rest} isPending={isPending} label="Run it" />
    </form>
  )
}

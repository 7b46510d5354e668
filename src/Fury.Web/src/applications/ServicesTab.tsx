import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { raw } from '../api/client'
import { bindings, services } from '../api/queries'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { FormEnd, useApiForm } from '../ui/form'
import { Guard, useName } from '../ui/Me'
import { plain } from '../ui/words'
import { pathOf } from './NewService'

interface Wanted {
  kind: string
  service: string
  driver?: string
  endpoint?: string
  resource?: string
}

const DRIVERS = ['local', 'platform', 'redis', 'postgres', 's3', 'dynamodb', 'sqs', 'gcs', 'nats', 'rabbitmq', 'etcd']

/** What stands behind the services of a scope; switched while it runs. */
export function ServicesTab({ application, scope }: { application: string; scope: string }) {
  const [wanted, setWanted] = useState<Wanted>()
  const bound = useQuery(bindings(application, scope))
  const declared = useQuery(services(application))
  const isBound = (kind: string, service: string) => bound.data?.some((one) => one.binding.kind === kind && one.binding.service === service)
  const unbound = declared.data?.items.filter((one) => !isBound(one.kind, one.name)) ?? []
  return (
    <Panel title="Services" aside={<span className="quiet">instances take a change while they run</span>}>
      {bound.error && (
        <div className="body">
          <Trouble error={bound.error} />
        </div>
      )}
      {bound.data && declared.data && bound.data.length + unbound.length === 0 && (
        <Empty title="The application uses no cloud service.">Declare one on the application's page; then choose here what stands behind it.</Empty>
      )}
      <div className="rows">
        {bound.data?.map(({ binding, inForce, behind }) => (
          <div key={`${binding.kind}/${binding.service}`} style={{ flexWrap: 'wrap' }}>
            <div className="grow">
              <b style={{ fontWeight: 560 }}>{binding.service}</b> <span className="quiet">{plain(binding.kind)}</span>
              <div className="mono quiet cut">
                {binding.route ? `${binding.route.driver} ${binding.route.endpoint ?? ''} ${binding.route.resource}` : 'taken back'}
              </div>
            </div>
            {(behind ?? []).length > 0 ? (
              <State tone="wait">
                {behind!.length} instances have not taken it: {behind![0]!.refused ?? 'silent'}
              </State>
            ) : (
              <State tone={inForce > 0 ? 'ok' : 'none'}>{inForce > 0 ? `in force at ${inForce}` : 'no instance uses it'}</State>
            )}
            <Guard may="config">
              <Button
                variant="default"
                onClick={() =>
                  setWanted({
                    kind: binding.kind,
                    service: binding.service,
                    driver: binding.route?.driver,
                    endpoint: binding.route?.endpoint ?? '',
                    resource: binding.route?.resource,
                  })
                }
              >
                Switch
              </Button>
            </Guard>
          </div>
        ))}
        {unbound.map((one) => (
          <div key={`${one.kind}/${one.name}`}>
            <div className="grow">
              <b style={{ fontWeight: 560 }}>{one.name}</b>{' '}
              <span className="quiet">
                {plain(one.kind)}, declared <When at={one.createdAt} />
              </span>
            </div>
            <State tone="wait">nothing stands behind it</State>
            <Guard may="config">
              <Button variant="default" onClick={() => setWanted({ kind: one.kind, service: one.name })}>
                Bind
              </Button>
            </Guard>
          </div>
        ))}
      </div>
      <Modal opened={!!wanted} onClose={() => setWanted(undefined)} title={wanted && `What stands behind ${wanted.service}`} centered>
        {wanted && <BindForm application={application} scope={scope} wanted={wanted} close={() => setWanted(undefined)} />}
      </Modal>
    </Panel>
  )
}

function BindForm({ application, scope, wanted, close }: { application: string; scope: string; wanted: Wanted; close: () => void }) {
  const by = useName()
  const client = useQueryClient()
  const { form, rest, isPending, submit } = useApiForm({
    initial: {
      driver: wanted.driver ?? 'local',
      endpoint: wanted.endpoint ?? '',
      resource: wanted.resource ?? wanted.service,
      credential: '',
      reason: '',
    },
    names: { 'route.driver': 'driver', 'route.endpoint': 'endpoint', 'route.resource': 'resource', 'route.credential': 'credential' },
    send: ({ driver, endpoint, resource, credential, reason }) =>
      raw(`/api/v1/applications/${application}/scopes/${scope}/bindings/${wanted.kind}/${pathOf(wanted.service)}`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          route: { driver, endpoint: endpoint || null, resource, credential: credential || null, transport: driver === 'local' ? 'local' : null },
          reason,
          by,
        }),
      }),
    done: () => {
      void client.invalidateQueries({ queryKey: ['application', application, 'scope', scope] })
      close()
    },
  })
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 12 }} noValidate>
      <Select label="Driver" data={[...new Set([...DRIVERS, form.values.driver])]} searchable {...form.getInputProps('driver')} data-path="driver" />
      <TextInput
        label="Endpoint"
        description="Such as redis://10.0.0.7:6379; never with a password."
        {...form.getInputProps('endpoint')}
        data-path="endpoint"
      />
      <TextInput label="Resource" description="The bucket, table, prefix or queue." {...form.getInputProps('resource')} data-path="resource" />
      <TextInput
        label="Credential"
        description="Its name, or env: and the names of variables; never itself."
        {...form.getInputProps('credential')}
        data-path="credential"
      />
      <TextInput label="Why" {...form.getInputProps('reason')} data-path="reason" />
      <FormEnd rest={rest} isPending={isPending} label={wanted.driver ? 'Switch it' : 'Bind it'} />
    </form>
  )
}

import { Button, Group, Modal } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { type Delivery, type Webhook, webhooks } from '../api/office'
import { Empty, Panel, State, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { Guard } from '../ui/Me'
import { Remove } from '../ui/Remove'
import { plain } from '../ui/words'
import { Deliveries } from './Deliveries'
import { WebhookForm } from './WebhookForm'

/** Who hears of deployments, and what could not be told them. */
export function WebhooksPage() {
  const found = useQuery(webhooks)
  const [edited, setEdited] = useState<Webhook | 'new'>()
  const [shown, setShown] = useState<{ name: string; tested?: Delivery }>()
  const [removed, setRemoved] = useState<Webhook>()
  const client = useQueryClient()
  const test = useMutation({
    mutationFn: ({ name }: Webhook) => ok(api.POST('/api/v1/webhooks/{name}/test', { params: { path: { name } } })),
    onSuccess: (tested, { name }) => setShown({ name, tested }),
    onSettled: (_, __, { name }) => client.invalidateQueries({ queryKey: ['webhooks', name] }),
  })
  return (
    <>
      <Heading
        title="Webhooks"
        facts={['Each event of a deployment is posted to them: signed, in order, at least once.']}
        actions={
          <Guard may="administer">
            <Button leftSection={<IconPlus size={14} />} onClick={() => setEdited('new')}>
              New webhook
            </Button>
          </Guard>
        }
      />
      <Panel label="Webhooks">
        {found.error && (
          <div className="body">
            <Trouble error={found.error} retry={() => void found.refetch()} />
          </div>
        )}
        {found.isPending && <Empty title="Asking for the webhooks …" />}
        {found.data?.items.length === 0 && (
          <Empty title="Nobody hears of deployments yet.">A chat, a pager, a log of changes: whoever takes a POST over https can.</Empty>
        )}
        <div className="rows">
          {found.data?.items.map((one) => (
            <div key={one.name} style={{ flexWrap: 'wrap' }}>
              <div className="grow" style={{ minWidth: 220 }}>
                <b style={{ fontWeight: 560 }}>{one.name}</b>{' '}
                <span className="quiet">
                  since <When at={one.createdAt} />
                </span>
                <div className="mono quiet" style={{ overflowWrap: 'anywhere' }}>
                  {one.url}
                </div>
                <div className="quiet">{hearsOf(one)}</div>
              </div>
              <State tone={one.enabled ? 'ok' : 'none'}>{one.enabled ? 'Told' : 'Not told'}</State>
              <Group gap={8}>
                <Button variant="default" onClick={() => setShown(one)} aria-label={`Deliveries of ${one.name}`}>
                  Deliveries
                </Button>
                <Guard may="administer">
                  <Button
                    variant="default"
                    disabled={!one.enabled}
                    loading={test.isPending && test.variables.name === one.name}
                    onClick={() => test.mutate(one)}
                    aria-label={`Send a test message to ${one.name}`}
                  >
                    Test
                  </Button>
                </Guard>
                <Guard may="administer">
                  <Button variant="default" onClick={() => setEdited(one)} aria-label={`Change ${one.name}`}>
                    Change
                  </Button>
                </Guard>
                <Guard may="administer">
                  <Button variant="outline" color="red" onClick={() => setRemoved(one)} aria-label={`Remove ${one.name}`}>
                    Remove
                  </Button>
                </Guard>
              </Group>
              {test.error && test.variables.name === one.name && (
                <div style={{ flexBasis: '100%' }}>
                  <Trouble error={test.error} />
                </div>
              )}
            </div>
          ))}
        </div>
      </Panel>
      <Modal
        opened={!!edited}
        onClose={() => setEdited(undefined)}
        title={edited && (edited === 'new' ? 'New webhook' : `Change ${edited.name}`)}
        size="lg"
        centered
      >
        {edited && <WebhookForm known={edited === 'new' ? undefined : edited} close={() => setEdited(undefined)} />}
      </Modal>
      <Modal opened={!!shown} onClose={() => setShown(undefined)} title={shown && `What ${shown.name} is told`} size="xl" centered>
        {shown && <Deliveries name={shown.name} tested={shown.tested} />}
      </Modal>
      <Modal opened={!!removed} onClose={() => setRemoved(undefined)} title={removed && `Remove ${removed.name}`} centered>
        {removed && <RemoveWebhook name={removed.name} close={() => setRemoved(undefined)} />}
      </Modal>
    </>
  )
}

function hearsOf({ teams, applications, scopes, phases }: Webhook) {
  const parts = [...teams.map((team) => `team ${team}`), ...(applications as string[]), ...scopes]
  const events = phases.length === 0 ? 'at each event' : `when ${phases.map(plain).join(', ')}`
  return `Hears of ${parts.length === 0 ? 'all deployments' : parts.join(', ')}, ${events}`
}

function RemoveWebhook({ name, close }: { name: string; close: () => void }) {
  const client = useQueryClient()
  return (
    <Remove
      says="Nothing more is sent to it. What it could not be told is forgotten."
      send={() => ok(api.DELETE('/api/v1/webhooks/{name}', { params: { path: { name } } }))}
      done={() => (void client.invalidateQueries({ queryKey: ['webhooks'] }), close())}
    />
  )
}

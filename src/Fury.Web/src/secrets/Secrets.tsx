import { Button, Group, Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ok } from '../api/client'
import { secrets } from '../api/queries'
import type { Secret } from '../api/types'
import { Empty, Panel, Trouble, When } from '../ui/Bits'
import { useMay } from '../ui/Me'
import { Remove } from '../ui/Remove'
import { SecretForm } from './SecretForm'

interface Props {
  application: string
  scope: string
}

/** The secrets of a scope: their names, and who has changed them. Values go in and never come out. */
export function Secrets({ application, scope }: Props) {
  const found = useQuery(secrets(application, scope))
  const isAllowed = useMay('secrets')
  const [edited, setEdited] = useState<Secret | 'new'>()
  const [removed, setRemoved] = useState<Secret>()
  const items = found.data?.items ?? []
  return (
    <Panel
      title="Secrets"
      aside={
        isAllowed ? (
          <Button variant="default" onClick={() => setEdited('new')}>
            Set a secret
          </Button>
        ) : (
          <span className="quiet">You lack the permission "secrets".</span>
        )
      }
    >
      {found.error && (
        <div className="body">
          <Trouble error={found.error} retry={() => void found.refetch()} />
        </div>
      )}
      {found.isPending && <Empty title="Asking for the secrets …" />}
      {found.data && items.length === 0 && (
        <Empty title="It has no secrets yet.">
          A password or a key is no configuration: it is set here, read by the scope's instances, and shown to nobody.
          <br />
          The code asks for it by its name, <span className="mono">fury.Secrets().GetAsync("DB_PASSWORD")</span>, once a service of the kind "secrets" has
          "platform" behind it.
        </Empty>
      )}
      {items.length > 0 && (
        <div className="rows" aria-label="Names of the secrets" role="list">
          {items.map((one) => (
            <div key={one.name} role="listitem" style={{ flexWrap: 'wrap' }}>
              <div className="grow" style={{ minWidth: 200, overflowWrap: 'anywhere' }}>
                <span className="mono">{one.name}</span> <span className="quiet num">version {one.version}</span>
              </div>
              <span className="quiet">
                changed <When at={one.changedAt} /> by {one.changedBy}
              </span>
              {isAllowed && (
                <Group gap={8}>
                  <Button variant="default" onClick={() => setEdited(one)} aria-label={`New value of ${one.name}`}>
                    New value
                  </Button>
                  <Button variant="outline" color="red" onClick={() => setRemoved(one)} aria-label={`Remove ${one.name}`}>
                    Remove
                  </Button>
                </Group>
              )}
            </div>
          ))}
        </div>
      )}
      <Modal
        opened={!!edited}
        onClose={() => setEdited(undefined)}
        title={edited && (edited === 'new' ? `A secret of ${scope}` : `New value of ${edited.name}`)}
        centered
      >
        {edited && (
          <SecretForm
            application={application}
            scope={scope}
            known={edited === 'new' ? undefined : edited.name}
            taken={items.map((one) => one.name)}
            close={() => setEdited(undefined)}
          />
        )}
      </Modal>
      <Modal opened={!!removed} onClose={() => setRemoved(undefined)} title={removed && `Remove ${removed.name}`} centered>
        {removed && <RemoveSecret application={application} scope={scope} name={removed.name} close={() => setRemoved(undefined)} />}
      </Modal>
    </Panel>
  )
}

function RemoveSecret({ application, scope, name, close }: Props & { name: string; close: () => void }) {
  const client = useQueryClient()
  return (
    <Remove
      says="Its value is gone. Instances keep what they have read until they end; whoever asks for it then finds none."
      send={() =>
        ok(
          api.DELETE('/api/v1/applications/{application}/scopes/{scope}/secrets/{secret}', {
            params: { path: { application, scope, secret: name } },
          }),
        )
      }
      done={() => (void client.invalidateQueries({ queryKey: secrets(application, scope).queryKey }), close())}
    />
  )
}

import { Button, Group, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ok } from '../api/client'
import type { Deployment } from '../api/types'
import { Panel, Trouble } from '../ui/Bits'
import { Guard, useName } from '../ui/Me'

/** What a deployment still needs from other people, and the way to say so; nothing where nothing is needed. */
export function Approvals({ of }: { of: Deployment }) {
  const isWanted = of.phase === 'admitted' || of.held?.cause === 'finalise'
  const { data } = useQuery({
    queryKey: ['deployment', of.id, 'approvals'],
    enabled: isWanted,
    refetchInterval: 3_000,
    queryFn: ({ signal }) => ok(api.GET('/api/v1/deployments/{id}/approvals', { params: { path: { id: of.id } }, signal })),
  })
  const needed = data && (of.phase === 'admitted' ? data.toBegin : data.toFinalise)
  const [by, setBy] = useState(useName())
  const [comment, setComment] = useState('')
  const client = useQueryClient()
  const say = useMutation({
    mutationFn: (word: 'approve' | 'reject') =>
      ok(
        word === 'approve'
          ? api.POST('/api/v1/deployments/{id}/approve', { params: { path: { id: of.id } }, body: { by, comment: comment || null } })
          : api.POST('/api/v1/deployments/{id}/reject', { params: { path: { id: of.id } }, body: { by, comment: comment || null } }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['deployment', of.id] }),
  })
  if (!isWanted || !needed || needed.needed === 0 || needed.isGranted) {
    return null
  }
  return (
    <Panel title={`It needs ${needed.needed} ${needed.needed === 1 ? 'approval' : 'approvals'}, and has ${needed.given}`}>
      <div className="body" style={{ display: 'grid', gap: 10 }}>
        <Group align="end">
          <TextInput label="You are" value={by} onChange={(event) => setBy(event.currentTarget.value)} />
          <TextInput label="Comment" className="grow" value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
          <Guard may="approve">
            <Button size="sm" onClick={() => say.mutate('approve')} loading={say.isPending}>
              Approve
            </Button>
          </Guard>
          <Guard may="approve">
            <Button size="sm" variant="outline" color="red" onClick={() => say.mutate('reject')} loading={say.isPending}>
              Reject
            </Button>
          </Guard>
        </Group>
        <span className="quiet">Who has asked for it cannot approve it. One rejection aborts it.</span>
        {say.error && <Trouble error={say.error} />}
      </div>
    </Panel>
  )
}

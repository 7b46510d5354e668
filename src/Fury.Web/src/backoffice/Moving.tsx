import { Button, Modal } from '@mantine/core'
import { IconHandStop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { freezes } from '../api/queries'
import type { Freeze } from '../api/types'
import { DeploymentList } from '../deployments/DeploymentList'
import { FreezeForm } from '../rules/FreezeForm'
import { Remove } from '../rules/FreezesPage'
import { Heading } from '../ui/Heading'
import { Guard } from '../ui/Me'

const LINE = 'stop-the-line'

/** All deployments, and the one switch that stops all of them. */
export function Moving() {
  const { data } = useQuery(freezes)
  const stopped = data?.items.find((one) => one.name === LINE && one.isNow)
  const [isStopping, setStopping] = useState(false)
  const [started, setStarted] = useState<Freeze>()
  return (
    <>
      <Heading
        title="Deployments"
        actions={
          <Guard may="freeze">
            {stopped ? (
              <Button onClick={() => setStarted(stopped)}>Let the line go on</Button>
            ) : (
              <Button color="red" variant="outline" leftSection={<IconHandStop size={14} />} onClick={() => setStopping(true)}>
                Stop the line
              </Button>
            )}
          </Guard>
        }
      />
      {stopped && (
        <div className="note wait" role="status">
          <b>The line is stopped</b> by {stopped.by}: {stopped.reason}. What is on its way waits where it is; going back is possible.
        </div>
      )}
      <DeploymentList title="In progress" query={{ ended: false, limit: 50 }} empty="Nothing is being deployed." isPaged />
      <DeploymentList title="Ended" query={{ ended: true, limit: 30 }} empty="No deployment has ended yet." isPaged />
      <Modal opened={isStopping} onClose={() => setStopping(false)} title="Stop the line" size="lg" centered>
        <FreezeForm close={() => setStopping(false)} first={{ name: LINE }} />
      </Modal>
      <Modal opened={!!started} onClose={() => setStarted(undefined)} title="Let the line go on" centered>
        {started && <Remove freeze={started} close={() => setStarted(undefined)} />}
      </Modal>
    </>
  )
}

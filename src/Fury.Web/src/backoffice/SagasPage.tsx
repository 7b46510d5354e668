import { Button, MultiSelect, Table, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { sagas } from '../api/queries'
import { Empty, Panel, State, type Tone, Trouble, When } from '../ui/Bits'
import { Heading } from '../ui/Heading'
import { titled } from '../ui/words'

const STATES = ['running', 'waiting', 'retrying', 'undoing', 'stuck', 'parked', 'completed', 'compensated', 'failed']
const TONES: Record<string, Tone> = {
  running: 'busy',
  waiting: 'busy',
  retrying: 'wait',
  undoing: 'wait',
  stuck: 'bad',
  parked: 'bad',
  completed: 'ok',
  compensated: 'none',
  failed: 'bad',
}
export const toneOfSaga = (state: string): Tone => TONES[state] ?? 'none'

/** What the platform does in steps; those that need somebody are the first choice. */
export function SagasPage() {
  const [states, setStates] = useState<string[]>([])
  const [text, setText] = useState('')
  const [name] = useDebouncedValue(text.trim(), 250)
  const list = useInfiniteQuery(sagas(states, name))
  const found = list.data?.pages.flatMap((page) => page.items) ?? []
  const isDead = states.join() === 'stuck,parked'
  return (
    <>
      <Heading
        title="Sagas"
        actions={
          <Button variant={isDead ? 'filled' : 'default'} onClick={() => setStates(isDead ? [] : ['stuck', 'parked'])}>
            Only dead letters
          </Button>
        }
      />
      <Panel
        title="Newest first"
        aside={
          <>
            <TextInput
              size="xs"
              aria-label="Name of the definition"
              placeholder="standard.launch-instance"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <MultiSelect
              size="xs"
              aria-label="States"
              placeholder={states.length === 0 ? 'Any state' : undefined}
              data={STATES}
              value={states}
              onChange={setStates}
              w={210}
            />
          </>
        }
      >
        {list.error && (
          <div className="body">
            <Trouble error={list.error} retry={() => void list.refetch()} />
          </div>
        )}
        {list.data && found.length === 0 && <Empty title={isDead ? 'No saga needs anybody.' : 'There is no such saga.'} />}
        {found.length > 0 && (
          <div className="scroll-x">
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Saga</Table.Th>
                  <Table.Th>Step</Table.Th>
                  <Table.Th className="end">Attempt</Table.Th>
                  <Table.Th>Began</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td>
                      <State tone={toneOfSaga(one.state)}>{titled(one.state)}</State>
                    </Table.Td>
                    <Table.Td>
                      <Link to="/backoffice/sagas/$id" params={{ id: one.id }} className="plain-link">
                        <b style={{ fontWeight: 560 }}>{one.name}</b>
                      </Link>
                      <div className="mono quiet cut" style={{ maxWidth: 380 }}>
                        {one.key}
                      </div>
                    </Table.Td>
                    <Table.Td>
                      {one.step}
                      {one.error && (
                        <div className="quiet cut" style={{ maxWidth: 300 }} title={one.error}>
                          {one.error}
                        </div>
                      )}
                    </Table.Td>
                    <Table.Td className="end num">{one.attempt}</Table.Td>
                    <Table.Td className="quiet">
                      <When at={one.startedAt} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
        {list.hasNextPage && (
          <Button variant="subtle" fullWidth onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            Show more
          </Button>
        )}
      </Panel>
    </>
  )
}

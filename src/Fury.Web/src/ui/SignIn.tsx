import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { me } from '../api/queries'
import { isNobody, onRefused, tellKnown, tellRefused, writeToken } from '../api/token'
import type { Me } from '../api/types'

/** Where a sign-in ends that was begun in a window of its own. */
const SIGNED_IN = '/signed-in'

/** How often the host is asked whether somebody is known, and how long it may take to say so: no two such questions go on at once. */
const LOOK_MS = 2_000

/** How long it may take to say whose token it is that somebody has typed in, and waits for. */
const TYPED_MS = 20_000

/** Who one is, asked past everything that is kept; null: the host does not know, or does not answer in time. */
async function ask(withinMs: number, token?: string): Promise<Me | null> {
  try {
    const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {}
    const answer = await fetch('/api/v1/me', { signal: AbortSignal.timeout(withinMs), headers })
    const found = answer.ok ? ((await answer.json()) as Me) : null
    return found?.name ? found : null
  } catch {
    return null
  }
}

/**
 * Asks who one is when the host wants to know: by the sign-in of the organisation where there is one, else by a token. Who was signed in before signs in in
 * another window, so that what stands on this page stays; the page notices by itself.
 */
export function SignIn() {
  const [isOpen, setOpen] = useState(false)
  const [token, setToken] = useState('')
  const [fault, setFault] = useState('')
  const { data } = useQuery(me)
  const client = useQueryClient()
  const isResult = location.pathname === SIGNED_IN
  const isNew = !data?.name
  useEffect(() => onRefused(() => setOpen(true)), [])
  useEffect(() => {
    if (data?.via === 'none' && !isResult) {
      tellRefused()
    }
  }, [data, isResult])

  const goOn = useCallback(
    (known: Me) => {
      setOpen(false)
      setToken('')
      client.setQueryData(me.queryKey, known)
      tellKnown()
      // What is on the page is asked for again and stays meanwhile; what is not may have been somebody else's to see.
      client.removeQueries({ type: 'inactive' })
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey.length > 1 || queryKey[0] !== me.queryKey[0] })
    },
    [client],
  )
  useEffect(() => {
    const timer = setInterval(async () => {
      const known = isNobody() ? await ask(LOOK_MS) : null
      if (known && isNobody()) {
        goOn(known)
      }
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [goOn])

  const use = async () => {
    const known = await ask(TYPED_MS, token.trim())
    if (known) {
      writeToken(token.trim())
      goOn(known)
    } else {
      setFault('The host does not know this token: it may be mistyped, revoked or expired.')
    }
  }
  const back = isNew ? location.pathname + location.search : SIGNED_IN
  return (
    <Modal opened={isOpen && !isResult} onClose={() => setOpen(false)} title="Who are you?" centered>
      <Stack gap="sm">
        <Text className="quiet">
          {isNew
            ? 'This host wants to know who asks.'
            : `Your session has ended. What you have written stays as it is${data?.login ? '; sign in in the window that opens' : ''}.`}
        </Text>
        {data?.login && (
          <Button component="a" href={`${data.login}?return=${encodeURIComponent(back)}`} size="sm" {...(isNew ? {} : { target: '_blank', rel: 'noopener' })}>
            Sign in
          </Button>
        )}
        <form onSubmit={(event) => (event.preventDefault(), void use())}>
          <PasswordInput
            label="Token"
            description="Of the platform, or one of your own. It is kept until this tab is closed."
            value={token}
            error={fault}
            onChange={(event) => (setFault(''), setToken(event.currentTarget.value))}
            data-autofocus={data?.login ? undefined : true}
          />
          <Group justify="flex-end" mt="md">
            <Button type="submit" disabled={token.trim().length === 0}>
              Use it
            </Button>
          </Group>
        </form>
      </Stack>
    </Modal>
  )
}

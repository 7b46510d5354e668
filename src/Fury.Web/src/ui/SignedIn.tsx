import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { me } from '../api/queries'
import { Empty } from './Bits'

const WHY: Record<string, string> = {
  refused: 'The sign-in service has let nobody in.',
  late: 'This sign-in was not begun in this browser, or took too long.',
  away: 'The sign-in service does not answer now.',
}

/** Where a sign-in ends that was begun in a window of its own, or that has come to nothing. */
export function SignedIn() {
  const { why } = useSearch({ from: '/signed-in' })
  const { data } = useQuery(me)
  if (!why && data?.name) {
    return <Empty title={`You are signed in as ${data.name}.`}>Close this window, and go on where you were: that page knows it in a moment.</Empty>
  }
  return (
    <Empty
      title="You are not signed in."
      action={
        <Button component="a" href="/auth/login">
          Sign in
        </Button>
      }
    >
      {WHY[why ?? '']}
    </Empty>
  )
}

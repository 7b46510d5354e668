import { ActionIcon, Button, Menu, Tooltip, useMantineColorScheme } from '@mantine/core'
import { IconMoon, IconSun, IconUser } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ErrorComponentProps, Link, Outlet, useRouterState } from '@tanstack/react-router'
import { raw } from '../api/client'
import { me } from '../api/queries'
import { readToken, tellRefused, writeToken } from '../api/token'
import { Empty, Trouble } from './Bits'
import { QuickSearch } from './QuickSearch'
import styles from './Shell.module.css'
import { SignIn } from './SignIn'

/** What stands around every page. */
export function Shell() {
  const isHome = useRouterState({ select: (state) => state.location.pathname === '/' })
  return (
    <>
      <a className="skip" href="#content">
        To the content
      </a>
      <header className={styles.top}>
        <Link to="/" className={styles.mark} aria-label="Fury, to the start">
          <img src="/mark.svg" alt="" width={24} height={24} />
          <span>Fury</span>
        </Link>
        <nav className={styles.nav} aria-label="Main">
          <Link to="/" activeOptions={{ exact: true }}>
            Applications
          </Link>
          <Link to="/freezes">Freezes</Link>
          <Link to="/backoffice">Back office</Link>
        </nav>
        <div className={styles.search}>{!isHome && <QuickSearch />}</div>
        <Scheme />
        <Person />
      </header>
      <main id="content" className={styles.content} tabIndex={-1}>
        <Outlet />
      </main>
      <SignIn />
    </>
  )
}

function Scheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isDark = colorScheme === 'dark' || (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  return (
    <Tooltip label={isDark ? 'To light colours' : 'To dark colours'}>
      <ActionIcon aria-label={isDark ? 'To light colours' : 'To dark colours'} size="lg" onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  )
}

function Person() {
  const { data } = useQuery(me)
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon aria-label={`You: ${data?.name ?? 'not known'}`} size="lg">
          <IconUser size={18} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{data?.name ?? 'Nobody is signed in'}</Menu.Label>
        {data?.name && (
          <Menu.Label>
            {data.via === 'local'
              ? 'May do everything: only this machine reaches this host.'
              : `May: ${data.permissions.join(', ') || 'nothing yet'}.`}
          </Menu.Label>
        )}
        {data?.via === 'none' && <Menu.Item onClick={tellRefused}>Sign in</Menu.Item>}
        {(data?.via === 'user' || readToken()) && (
          <Menu.Item
            onClick={async () => {
              writeToken(null)
              if (data?.via === 'user') {
                await raw('/auth/logout', { method: 'POST' })
              }
              location.assign('/')
            }}
          >
            {data?.via === 'user' ? 'Sign out' : 'Forget the token of this tab'}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

export const Lost = () => (
  <Empty
    title="There is no such page."
    action={
      <Button component="a" href="/" variant="default">
        To the applications
      </Button>
    }
  >
    It may have been moved, or its address was cut off.
  </Empty>
)

/** A page that cannot be drawn: said as what it is, with a way on. */
export const Stumbled = ({ error, reset }: ErrorComponentProps) => <Trouble error={error} retry={reset} />

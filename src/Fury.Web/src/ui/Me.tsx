import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { cloneElement, createContext, type ReactElement, useContext } from 'react'
import { me, meOn } from '../api/queries'
import type { Permission } from '../api/types'

interface Target {
  application?: string
  scope?: string
}

const On = createContext<Target | null>(null)

/** What permissions are meant for, where the address of the page does not say it. */
export const OnScope = On.Provider

/** Whether one may do something to what the page is about. The host decides in any case; this only keeps what it would refuse from being offered. */
export function useMay(permission: Permission): boolean {
  const here: Target = useParams({ strict: false })
  const { application, scope } = useContext(On) ?? here
  const anywhere = useQuery(me).data
  const there = useQuery({ ...meOn(application ?? '', scope), enabled: !!application }).data
  // Until it is known exactly, what one may do at all is the better guess: most people may do what they open a page for.
  return !!(there ?? anywhere)?.permissions.includes(permission)
}

/** Who asks, for those parts of the API that want it said. */
export function useName(): string {
  return useQuery(me).data?.name ?? 'web'
}

/** A control that is there for everybody, and can be used by those who may. */
export function Guard({ may, children }: { may: Permission; children: ReactElement<{ disabled?: boolean }> }) {
  const allowed = useMay(may)
  return allowed ? (
    children
  ) : (
    <Tooltip label={`You lack the permission "${may}".`}>
      <span>{cloneElement(children, { disabled: true })}</span>
    </Tooltip>
  )
}

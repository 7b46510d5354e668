import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { AuditFilter } from './api/office'
import { Home } from './home/Home'
import { Lost, Shell, Stumbled } from './ui/Shell'

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Shell, notFoundComponent: Lost, errorComponent: Stumbled })
const at = <const P extends string>(path: P) => ({ getParentRoute: () => root, path })

const text = (value: unknown) => (typeof value === 'string' && value.length > 0 ? value : undefined)

const home = createRoute({ ...at('/'), component: Home, validateSearch: (search): { q?: string } => ({ q: text(search.q) }) })

const newApplication = createRoute({
  ...at('/applications/new'),
  component: lazyRouteComponent(() => import('./applications/NewApplication'), 'NewApplication'),
})
const application = createRoute({
  ...at('/applications/$application'),
  component: lazyRouteComponent(() => import('./applications/ApplicationPage'), 'ApplicationPage'),
})
const newScope = createRoute({
  ...at('/applications/$application/new-scope'),
  component: lazyRouteComponent(() => import('./applications/NewScope'), 'NewScope'),
  validateSearch: (search): { like?: string } => ({ like: text(search.like) }),
})
const newVersion = createRoute({
  ...at('/applications/$application/new-version'),
  component: lazyRouteComponent(() => import('./applications/NewVersion'), 'NewVersion'),
})
const newService = createRoute({
  ...at('/applications/$application/new-service'),
  component: lazyRouteComponent(() => import('./applications/NewService'), 'NewService'),
})
const scope = createRoute({
  ...at('/applications/$application/$scope'),
  component: lazyRouteComponent(() => import('./applications/ScopePage'), 'ScopePage'),
  validateSearch: (search): { tab?: string } => ({ tab: text(search.tab) }),
})
const deploy = createRoute({
  ...at('/applications/$application/$scope/deploy'),
  component: lazyRouteComponent(() => import('./deployments/DeployForm'), 'DeployForm'),
  validateSearch: (search): { version?: string } => ({ version: text(search.version) }),
})
const deployment = createRoute({
  ...at('/deployments/$id'),
  component: lazyRouteComponent(() => import('./deployments/DeploymentPage'), 'DeploymentPage'),
})
const freezes = createRoute({ ...at('/freezes'), component: lazyRouteComponent(() => import('./rules/FreezesPage'), 'FreezesPage') })
const signedIn = createRoute({
  ...at('/signed-in'),
  component: lazyRouteComponent(() => import('./ui/SignedIn'), 'SignedIn'),
  validateSearch: (search): { why?: string } => ({ why: text(search.why) }),
})

const office = createRoute({ ...at('/backoffice'), component: lazyRouteComponent(() => import('./backoffice/Office'), 'Office') })
const inOffice = <const P extends string>(path: P) => ({ getParentRoute: () => office, path })
const overview = createRoute({ ...inOffice('/'), component: lazyRouteComponent(() => import('./backoffice/Overview'), 'Overview') })
const fleet = createRoute({ ...inOffice('/fleet'), component: lazyRouteComponent(() => import('./backoffice/FleetPage'), 'FleetPage') })
const moving = createRoute({ ...inOffice('/deployments'), component: lazyRouteComponent(() => import('./backoffice/Moving'), 'Moving') })
const sagas = createRoute({ ...inOffice('/sagas'), component: lazyRouteComponent(() => import('./backoffice/SagasPage'), 'SagasPage') })
const saga = createRoute({ ...inOffice('/sagas/$id'), component: lazyRouteComponent(() => import('./backoffice/SagaPage'), 'SagaPage') })
const mesh = createRoute({ ...inOffice('/mesh'), component: lazyRouteComponent(() => import('./backoffice/MeshPage'), 'MeshPage') })
const audit = createRoute({
  ...inOffice('/audit'),
  component: lazyRouteComponent(() => import('./backoffice/AuditPage'), 'AuditPage'),
  validateSearch: (search): AuditFilter => ({
    caller: text(search.caller),
    application: text(search.application),
    permission: text(search.permission),
    result: text(search.result),
    from: text(search.from),
    to: text(search.to),
  }),
})
const capacity = createRoute({
  ...inOffice('/capacity'),
  component: lazyRouteComponent(() => import('./backoffice/CapacityPage'), 'CapacityPage'),
  validateSearch: (search): { cluster?: string } => ({ cluster: text(search.cluster) }),
})
const cost = createRoute({ ...inOffice('/cost'), component: lazyRouteComponent(() => import('./backoffice/CostPage'), 'CostPage') })
const campaigns = createRoute({ ...inOffice('/campaigns'), component: lazyRouteComponent(() => import('./backoffice/CampaignsPage'), 'CampaignsPage') })
const campaign = createRoute({ ...inOffice('/campaigns/$id'), component: lazyRouteComponent(() => import('./backoffice/CampaignPage'), 'CampaignPage') })
const upgrades = createRoute({ ...inOffice('/upgrades'), component: lazyRouteComponent(() => import('./backoffice/UpgradesPage'), 'UpgradesPage') })
const newUpgrade = createRoute({ ...inOffice('/upgrades/new'), component: lazyRouteComponent(() => import('./backoffice/NewUpgrade'), 'NewUpgrade') })
const upgrade = createRoute({ ...inOffice('/upgrades/$id'), component: lazyRouteComponent(() => import('./backoffice/UpgradePage'), 'UpgradePage') })
const agents = createRoute({ ...inOffice('/agents'), component: lazyRouteComponent(() => import('./backoffice/AgentsPage'), 'AgentsPage') })
const webhooks = createRoute({ ...inOffice('/webhooks'), component: lazyRouteComponent(() => import('./backoffice/WebhooksPage'), 'WebhooksPage') })

const routeTree = root.addChildren([
  home,
  newApplication,
  application,
  newScope,
  newVersion,
  newService,
  scope,
  deploy,
  deployment,
  freezes,
  signedIn,
  office.addChildren([overview, fleet, moving, sagas, saga, mesh, audit, capacity, cost, campaigns, campaign, upgrades, newUpgrade, upgrade, agents, webhooks]),
])

export const makeRouter = (client: QueryClient) =>
  createRouter({ routeTree, context: { client }, defaultPreload: 'intent', scrollRestoration: true, defaultPendingMs: 200 })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}

import type { components } from './schema'

type Schemas = components['schemas']

// Answers hold all of their members but those that are null; the description has them all as they may be.
export type Application = Schemas['Application']
export type Scope = Schemas['Scope']
export type Version = Schemas['ApplicationVersion']
export type Release = Schemas['Release']
export type Deployment = Schemas['Deployment']
export type DeploymentEvent = Schemas['DeploymentEvent']
export type ScopeStatus = Schemas['ScopeStatus']
export type PoolStatus = Schemas['PoolStatus']
export type Judgement = Schemas['JudgementStatus']
export type TrafficPoint = Schemas['TrafficPoint']
export type PlanForecast = Schemas['PlanForecast']
export type Freeze = Schemas['FreezeView']
export type Gates = Schemas['ScopeGates']
export type Run = Schemas['RunView']
export type Cluster = Schemas['ClusterView']
export type Saga = Schemas['SagaSummary']
export type MeshStatus = Schemas['MeshStatus']
export type Proxy = Schemas['ProxyView']
export type Binding = Schemas['BindingStatus']
export type Permission = Schemas['Permission']
export type Me = Schemas['MeView']

/** Of a secret of a scope all but its value, which no answer holds. */
export interface Secret {
  name: string
  version: number
  changedAt: string
  changedBy: string
}

interface OfScope {
  application: string
  scope: string
}

interface Answers<T> {
  responses: { 200: { content: { 'application/json': T } } }
}

/** Routes that the API's description does not have yet, as it will have them. */
export interface SecretPaths {
  '/api/v1/applications/{application}/scopes/{scope}/secrets': {
    get: Answers<{ items: Secret[]; next?: string | null }> & { parameters: { path: OfScope; query?: { limit?: number } } }
  }
  '/api/v1/applications/{application}/scopes/{scope}/secrets/{secret}': {
    put: Answers<Secret> & {
      parameters: { path: OfScope & { secret: string } }
      requestBody: { content: { 'application/json': { value: string } } }
    }
    delete: Answers<never> & { parameters: { path: OfScope & { secret: string } } }
  }
}

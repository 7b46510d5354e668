import { mkdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

// Where the host under test is, as whoever has started it says.
const need = (name: string) => process.env[name] ?? fail(`${name} is not set: tests/Fury.Web.Tests starts these tests.`)
const fail = (text: string): never => {
  throw new Error(text)
}

export const HOST = need('FURY_URL')
export const SIDECAR = need('FURY_SIDECAR')
export const SAMPLE = need('FURY_SAMPLE')
const TOKEN = process.env.FURY_TEST_TOKEN
const SHOTS = process.env.FURY_SHOTS ?? '../../artifacts/screenshots'

/** What a script sends with each request. */
export const HEADERS: Record<string, string> = { 'Content-Type': 'application/json', ...(TOKEN && { Authorization: `Bearer ${TOKEN}` }) }

/** For what happens after a wait on a machine that has too much to do. */
export const PATIENCE_MS = 90_000

export const DESK = { width: 1280, height: 800 }
export const PHONE = { width: 390, height: 844 }

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** One browser for all tests. */
export class World {
  private constructor(
    readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly complaints: string[],
  ) {}

  static async open(): Promise<World> {
    mkdirSync(SHOTS, { recursive: true })
    const browser = await chromium.launch({
      executablePath: process.env.FURY_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    })
    const complaints: string[] = []
    const { context, page } = await newcomer(browser, complaints)
    return new World(browser, context, page, complaints)
  }

  /** Somebody else, at a machine of his own: no cookie is shared. */
  another = () => newcomer(this.browser, this.complaints)

  async close() {
    await this.browser.close()
  }

  /** Keeps how the page looks, in dark colours and on a phone too where that is asked for. */
  async shoot(name: string, isFull: boolean) {
    await this.page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true })
    if (isFull) {
      await this.page.emulateMedia({ colorScheme: 'dark' })
      await this.page.screenshot({ path: `${SHOTS}/${name}-dark.png`, fullPage: true })
      await this.page.emulateMedia({ colorScheme: 'light' })
      await this.page.setViewportSize(PHONE)
      await this.page.screenshot({ path: `${SHOTS}/${name}-phone.png`, fullPage: true })
      await this.page.setViewportSize(DESK)
      await this.fits(name)
    }
  }

  /** Nothing is wider than a phone. */
  async fits(name: string) {
    await this.page.setViewportSize(PHONE)
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    await this.page.setViewportSize(DESK)
    expect(wide, `${name} is wider than a phone by so many points`).toBeLessThanOrEqual(0)
  }

  /** No violation that keeps somebody from using the page; in dark colours only the colours are another question. */
  async check(name: string, isDarkToo: boolean) {
    expect(await this.violations(), name).toEqual([])
    if (!isDarkToo) {
      return
    }
    await this.page.emulateMedia({ colorScheme: 'dark' })
    expect(await this.violations(['color-contrast']), `${name}, dark`).toEqual([])
    await this.page.emulateMedia({ colorScheme: 'light' })
  }

  private async violations(rules?: string[]): Promise<string[]> {
    // By the debugger, which the page's own policy of scripts does not hold back.
    await this.page.evaluate(AXE)
    return this.page.evaluate(async (only) => {
      interface Violation {
        id: string
        impact: string
        nodes: { html: string; failureSummary: string }[]
      }
      const axe = (globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } }).axe
      const { violations } = await axe.run({ resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) })
      return violations
        .filter((one) => one.impact === 'serious' || one.impact === 'critical')
        .map(
          (one) =>
            `${one.id}: ${one.nodes
              .slice(0, 3)
              .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 220)}`)
              .join(' | ')}`,
        )
    }, rules)
  }
}

/** A context of its own, of all of whose pages it is heard when they stumble. */
async function newcomer(browser: Browser, complaints: string[]): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: HOST, viewport: DESK, reducedMotion: 'reduce', colorScheme: 'light' })
  context.setDefaultTimeout(PATIENCE_MS)
  context.on('weberror', (error) => complaints.push(`${error.page()?.url()}: ${error.error().message}`))
  context.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|React|Minified/.test(message.text())) {
      complaints.push(`${message.page()?.url()}: ${message.text()}`)
    }
  })
  return { context, page: await context.newPage() }
}

/** Asks the API as a script would, which has the administrator's token where the host wants one. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${HOST}/api/v1${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: HEADERS,
  })
  const text = await answer.text()
  return answer.ok ? (text ? (JSON.parse(text) as T) : (undefined as T)) : fail(`${method} ${path}: ${answer.status} ${text}`)
}

export const register = (application: string, version: string, behaviour: Record<string, string> = {}) =>
  call('PUT', `/applications/${application}/versions/${version}`, {
    artifact: { path: SAMPLE, command: 'hello' },
    environment: { HELLO_VERSION: version, ...behaviour },
  })

/** Waits until something is so. */
export async function until<T>(says: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await ask()
    if (found) {
      return found
    }
    if (Date.now() > end) {
      return fail(`After ${PATIENCE_MS / 1000} s it is still not so: ${says}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

interface Deployment {
  id: string
  phase: string
}

export const deploy = (application: string, scope: string, body: object) =>
  call<Deployment>('POST', `/applications/${application}/scopes/${scope}/deployments`, body)

export const ended = (id: string) =>
  until(`${id} has ended`, async () => {
    const now = await call<Deployment>('GET', `/deployments/${id}`)
    return ['done', 'rolled-back', 'aborted'].includes(now.phase) && now
  })

/** Some requests a second to a scope, through the proxy, until it is stopped. */
export function load(application: string, scope: string, perSecond: number): () => void {
  const { hostname, port } = new URL(SIDECAR)
  const timer = setInterval(() => {
    for (let each = 0; each < perSecond / 10; each++) {
      const call = request({ hostname, port, path: '/', headers: { host: `${scope}.${application}.localhost` } }, (answer) => answer.resume())
      call.on('error', () => undefined)
      call.end()
    }
  }, 100)
  return () => clearInterval(timer)
}

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, deploy, ended, load, register, SAMPLE, until, World } from './world'

const SCOPE = '/applications/hello/production-web'
const JAVASCRIPT_BYTES_MAX = 300 * 1024
const FOUND_WITHIN_MS = 30_000

let world: World

beforeAll(async () => {
  world = await World.open()
})
afterAll(async () => world?.close())

const say = (name: string) => world.page.getByTestId(name)

test('the first page loads little JavaScript', () => {
  type Chunk = { file: string; imports?: string[]; isEntry?: boolean }
  const chunks = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8')) as Record<string, Chunk>
  const first = new Set<string>()
  const take = (name: string) => {
    if (!first.has(name)) {
      first.add(name)
      chunks[name]!.imports?.forEach(take)
    }
  }
  Object.keys(chunks)
    .filter((name) => chunks[name]!.isEntry)
    .forEach(take)
  const bytes = [...first].reduce((sum, name) => sum + readFileSync(`dist/${chunks[name]!.file}.br`).length, 0)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThan(JAVASCRIPT_BYTES_MAX)
})

test('an application, its scope and its version are made, and what is wrong stands beside its field', async () => {
  const { page } = world
  await page.goto('/')
  await page.getByRole('link', { name: 'New application' }).click()
  await page.getByLabel('Name').fill('Not a <b>name</b>')
  await page.getByRole('button', { name: 'Create it' }).click()
  await page.getByText(/^Must be .*lower-case/).waitFor()
  await page.getByText(/^Must be 1 to 60 characters/).waitFor()
  await world.check('form with faults', true)
  await page.getByLabel('Name').fill('hello')
  await page.getByLabel('Team').fill('greeters')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'hello', exact: true }).waitFor()
  await page.getByText('It has no scope yet.').waitFor()

  await page.getByRole('link', { name: 'New scope' }).click()
  await page.getByLabel('Name').fill('production-web')
  await page.getByLabel('Configuration').fill('GREETING=hi')
  await page.getByRole('button', { name: 'Create it' }).click()
  await page.getByRole('heading', { name: 'production-web' }).waitFor()

  await page.getByLabel('Where you are').getByText('hello').click()
  await page.getByRole('link', { name: 'New version' }).click()
  await page.getByRole('textbox', { name: 'Version' }).fill('1.0.0')
  await page.getByLabel('Artifact').fill('relative/path')
  await page.getByRole('button', { name: 'Register it' }).click()
  await page.getByText(/^Must be the absolute path/).waitFor()
  await page.getByLabel('Artifact').fill(SAMPLE)
  await page.getByLabel('Command').fill('hello')
  await page.getByLabel('Environment').fill('HELLO_VERSION=1.0.0')
  await page.getByRole('button', { name: 'Register it' }).click()
  await page.getByRole('heading', { name: 'hello', exact: true }).waitFor()
})

test('a version is deployed after its plan was shown, and can be watched until it is done', async () => {
  const { page } = world
  await page.goto(`${SCOPE}/deploy`)
  await page.getByText('At its largest').waitFor()
  await world.shoot('deploy-form', false)
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await page.getByRole('heading', { name: '1.0.0 to production-web' }).waitFor()
  await say('waiting').getByText('Done.').waitFor()
  await page
    .getByText(/1\.0\.0 .*(all of the traffic|serves)|Every live proxy/)
    .first()
    .waitFor()
})

test('a candidate is watched live beside the current one, is held, goes on, and is aborted by hand', async () => {
  const { page } = world
  const stop = load('hello', 'production-web', 60)
  try {
    await register('hello', '1.1.0')
    const { id } = await deploy('hello', 'production-web', {
      version: '1.1.0',
      strategy: 'canary',
      policy: { drainSeconds: 5 },
      steps: [{ weight: 25, gate: 'manual' }, { weight: 100 }],
    })
    await page.goto(`/deployments/${id}`)
    await say('waiting').getByText('Waits for the judge.').waitFor()
    await page.getByText('candidate 25 %', { exact: true }).waitFor()
    await page.getByRole('figure', { name: /^Requests: candidate [^–].*, current/ }).waitFor()
    await page.getByRole('figure', { name: /^Latency.*candidate [\d.]+ m?s/ }).waitFor()
    await world.shoot('live', true)
    await world.check('live', true)

    await page.getByRole('button', { name: 'Hold' }).click()
    await page.getByLabel('Why').fill('I look at the logs')
    await page.getByRole('dialog').getByRole('button', { name: 'Hold' }).click()
    await say('waiting').getByText('Waits for somebody.').waitFor()
    // Two at once: somebody else has been faster, and the page has it without a press.
    await call('POST', `/deployments/${id}/resume`, {})
    await say('waiting').getByText('Waits for the judge.').waitFor()
    await page.getByRole('button', { name: 'Abort' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click()
    await say('waiting').getByText('It was aborted.').waitFor()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  } finally {
    stop()
  }
})

test('a bad release goes back by itself, and the page says why', async () => {
  const { page } = world
  const stop = load('hello', 'production-web', 60)
  try {
    await register('hello', '1.2.0', { HELLO_ERROR_RATE: '0.5' })
    await page.goto(`${SCOPE}/deploy?version=1.2.0`)
    await page.getByText('At its largest').waitFor()
    await page.getByRole('button', { name: 'Deploy', exact: true }).click()
    await page.getByRole('heading', { name: '1.2.0 to production-web' }).waitFor()
    await say('waiting').getByText('It went back.').waitFor()
    expect(await say('verdict').innerText()).toMatch(/errors: .* requests/i)
    await page.getByLabel('turned back here').waitFor()
    await page.getByRole('figure', { name: /^Errors: candidate [\d.]+ %/ }).waitFor()
    await world.shoot('went-back', false)
  } finally {
    stop()
  }
})

test('a freeze keeps a deployment waiting with its reason, until it is removed', async () => {
  const { page } = world
  await page.goto('/freezes')
  await page.getByText('Nothing is frozen.').waitFor()
  await page.getByRole('button', { name: 'New freeze' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('year-end')
  await page.getByRole('button', { name: 'Freeze', exact: true }).click()
  await page.getByText(/^Must be 1 to 500/).waitFor()
  await page.getByLabel('Why').fill('The year ends')
  await page.getByRole('button', { name: 'Freeze', exact: true }).click()
  await page.getByText('The year ends, by').waitFor()
  await world.shoot('freezes', false)

  const { id } = await deploy('hello', 'production-web', { version: '1.1.0', strategy: 'all-in', policy: { drainSeconds: 5 } })
  await page.goto(`/deployments/${id}`)
  await say('waiting')
    .getByText(/Waits for its turn\..*The year ends/)
    .waitFor()
  await world.shoot('frozen', false)
  await page.goto(SCOPE)
  await page.getByText('Frozen.', { exact: true }).waitFor()
  await page.goto('/freezes')
  await page.getByRole('button', { name: 'Remove year-end' }).click()
  await page.getByLabel('Why').fill('It is over')
  await page.getByRole('button', { name: 'Remove it' }).click()
  await page.getByText('Nothing is frozen.').waitFor()
  await ended(id)
  await page.goto(`/deployments/${id}`)
  await say('waiting').getByText('Done.').waitFor()
})

test('among 30,000 applications some letters find one, by the keyboard alone', async () => {
  const { page } = world
  await page.goto('/')
  await page.getByRole('option').nth(49).waitFor()
  expect(await page.getByRole('option').count()).toBe(50)
  await page.getByRole('button', { name: 'Show more' }).click()
  await page.getByRole('option').nth(99).waitFor()
  await page.keyboard.press('/')
  const began = performance.now()
  await page.keyboard.type('crowd-2999')
  await until('only what is asked for is shown', async () => (await page.getByRole('option').count()) === 10)
  expect(performance.now() - began).toBeLessThan(FOUND_WITHIN_MS)
  await page.keyboard.press('ArrowDown')
  await world.shoot('home', true)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'crowd-29991' }).waitFor()
  await page.getByLabel('Search applications').fill('hel')
  await page.getByRole('option', { name: /hello/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'hello', exact: true }).waitFor()
  await world.shoot('application', false)
})

const PAGES: Record<string, string> = {
  home: '/',
  application: '/applications/hello',
  scope: SCOPE,
  logs: `${SCOPE}?tab=logs`,
  jobs: `${SCOPE}?tab=jobs`,
  services: `${SCOPE}?tab=services`,
  settings: `${SCOPE}?tab=settings`,
  deploy: `${SCOPE}/deploy`,
  'new-application': '/applications/new',
  'new-scope': '/applications/hello/new-scope',
  'new-version': '/applications/hello/new-version',
  'new-service': '/applications/hello/new-service',
  freezes: '/freezes',
  lost: '/no/such/page/at/all',
  office: '/backoffice',
  fleet: '/backoffice/fleet',
  moving: '/backoffice/deployments',
  sagas: '/backoffice/sagas',
  mesh: '/backoffice/mesh',
}

// What other pages show in dark colours these show too.
const IN_DARK = ['home', 'scope', 'deploy', 'freezes', 'office']

test.each(Object.entries(PAGES))('nobody is kept out of %s', async (name, path) => {
  await world.page.goto(path)
  await world.page.locator('h1, .empty').first().waitFor()
  await world.page.waitForLoadState('load')
  await world.check(name, IN_DARK.includes(name))
  await world.fits(name)
  if (['scope', 'logs', 'office', 'moving', 'sagas', 'mesh', 'settings'].includes(name)) {
    await world.shoot(name, false)
  }
})

test('no page has stumbled, and none has broken its own rules', () => expect(world.complaints).toEqual([]))

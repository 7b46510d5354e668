import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, deploy, ended, HOST, register, until, World } from './world'

// The back office, on facts of the host under test: an application of its own, and a cluster whose access whoever starts these tests gives.
const APP = 'office-shop'
const SCOPE = 'production-web'
const EDGE = 'edge-web'
const CLUSTER = 'edge'
const FIRST = 'small-edge'
const QUICK = { bakeSeconds: 1, drainSeconds: 5 }
const KUBECONFIG = process.env.FURY_KUBECONFIG

let world: World

beforeAll(async () => {
  world = await World.open()
  await call('PUT', `/applications/${APP}`, { team: 'office', criticality: 'low' })
  await call('PUT', `/applications/${APP}/scopes/${SCOPE}`, { minReplicas: 1, maxReplicas: 2 })
  await register(APP, '1.0.0')
  await register(APP, '1.1.0')
})
afterAll(async () => world?.close())

/** How it looks, dark and on a phone too, and that nobody is kept from it. */
async function see(name: string) {
  await world.check(name, true)
  await world.shoot(name, true)
}

test('the audit shows who has done what, and who was kept from it, page by page', async () => {
  const { page } = world
  const { secret } = await call<{ secret: string }>('POST', '/tokens', { name: 'office-reader', role: 'viewer', days: 1 })
  const refused = await fetch(`${HOST}/api/v1/applications/${APP}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ team: 'thieves', criticality: 'low' }),
  })
  expect(refused.status).toBe(403)
  await page.goto(`/backoffice/audit?application=${APP}`)
  await page.getByRole('button', { name: new RegExp(`PUT applications/${APP} Denied`) }).click()
  await page.getByText('Nothing was changed.').waitFor()
  await page.getByText('Token or session').waitFor()
  await page
    .getByRole('button', { name: new RegExp(`PUT applications/${APP} Done`) })
    .first()
    .click()
  await page.getByRole('cell', { name: 'team', exact: true }).waitFor()
  await see('audit')

  await page.getByRole('combobox', { name: 'Result' }).click()
  await page.getByRole('option', { name: 'Denied' }).click()
  await until('only what was denied is shown', async () => (await page.getByRole('listitem').count()) === 1)
  expect(new URL(page.url()).searchParams.get('result')).toBe('denied')
  await page.getByRole('textbox', { name: 'Who' }).fill('nobody-of-this-name')
  await page.getByText('Nothing like that is on record.').waitFor()

  await Promise.all(Array.from({ length: 52 }, (_, each) => call('PUT', `/applications/older-${each}`, { team: 'office', criticality: 'low' })))
  await page.getByRole('button', { name: 'All of it' }).click()
  await page.getByRole('listitem').nth(49).waitFor()
  expect(await page.getByRole('listitem').count()).toBe(50)
  await page.getByRole('button', { name: 'Older', exact: true }).click()
  await page.getByRole('listitem').nth(52).waitFor()
})

test('the chain is verified and taken along', async () => {
  const { page } = world
  await page.goto('/backoffice/audit')
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await page.getByText('The chain is whole:').waitFor()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export all' }).click()])
  const lines = readFileSync(await file.path(), 'utf8').trim().split('\n')
  expect((JSON.parse(lines[0]!) as { seq: number }).seq).toBe(1)
  expect(lines.length).toBeGreaterThan(52)
})

test('what was done again and changed nothing is told as that', async () => {
  const { page } = world
  const grant = { role: 'viewer', to: 'user:office-guest', on: `application:${APP}` }
  await call('POST', '/access/grants', grant)
  await call('POST', '/access/grants', grant)
  await page.goto('/backoffice/audit')
  await page
    .getByRole('button', { name: /POST access\/grants Done/ })
    .first()
    .click()
  await page.getByText('Nothing was changed.').waitFor()
})

test.runIf(KUBECONFIG)('room, who has it and what it costs are those of a real cluster', async () => {
  const { page } = world
  await page.goto('/backoffice/cost')
  await page.getByText(/No cluster (is registered|has a price yet)/).waitFor()
  await call('PUT', `/clusters/${CLUSTER}`, {
    provider: 'local',
    region: 'this-machine',
    zones: ['local-a', 'local-b', 'local-c'],
    kubeconfig: KUBECONFIG,
    cpuHourPrice: 0.04,
    memoryHourPrice: 0.005,
  })
  await page.goto('/backoffice/capacity')
  await page.getByRole('link', { name: CLUSTER, exact: true }).waitFor()
  await until('the cluster is well', async () => (await call<{ health?: string }>('GET', `/clusters/${CLUSTER}`)).health === 'healthy')
  await call('PUT', `/applications/${APP}/scopes/${EDGE}`, { compute: 'serverless', minReplicas: 2, maxReplicas: 3 })
  const { id } = await deploy(APP, EDGE, { version: '1.0.0', strategy: 'all-in', policy: QUICK })
  expect((await ended(id)).phase).toBe('done')

  await page.getByRole('link', { name: CLUSTER, exact: true }).click()
  await page.getByRole('heading', { name: `Who has room in ${CLUSTER}` }).waitFor()
  await page.getByRole('row', { name: new RegExp(`${APP}/${EDGE}.* 2 `) }).waitFor()
  await page.getByText(/used.* of \d/).first().waitFor()
  await see('capacity')
  await page.getByRole('button', { name: `Why there? ${APP}/${EDGE} in ${CLUSTER}` }).click()
  expect(await page.getByTestId('placement').innerText()).toMatch(/2 of 2 replicas have a place/)
  await world.check('placement', true)
  await page.keyboard.press('Escape')

  await page.goto('/backoffice/cost')
  await page.getByRole('row', { name: new RegExp(`${APP}/${EDGE} 2 \\$0\\.0\\d+ \\$\\d`) }).waitFor()
  await page.getByRole('link', { name: /edge is more than half empty/ }).waitFor()
  await see('cost')
})

test('a webhook is made, says what it waits to be told, and is removed; its secret is shown nowhere', async () => {
  const { page } = world
  await page.goto('/backoffice/webhooks')
  await page.getByText('Nobody hears of deployments yet.').waitFor()
  await page.getByRole('button', { name: 'New webhook' }).click()
  await page.getByLabel('Name').fill('team-chat')
  await page.getByLabel('Address').fill('http://127.0.0.1/hook')
  await page.getByRole('textbox', { name: 'Secret' }).fill('short')
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.getByText(/^Must be outside: this address is private/).waitFor()
  await page.getByText(/^Must be 16 to 200/).waitFor()
  await world.check('webhook form', true)
  await page.getByLabel('Address').fill('https://chat.invalid/hooks/7')
  await page.getByRole('textbox', { name: 'Secret' }).fill('a-secret-of-enough-letters')
  await page.getByRole('combobox', { name: 'Applications' }).fill(APP)
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.getByText('https://chat.invalid/hooks/7').waitFor()
  await page.getByText(`Hears of ${APP}, at each event`).waitFor()
  await see('webhooks')

  const { id } = await deploy(APP, SCOPE, { version: '1.0.0', strategy: 'all-in', policy: QUICK })
  await page.getByRole('button', { name: 'Deliveries of team-chat' }).click()
  await page.getByText('Nothing was given up.').waitFor()
  await page.getByText('Waiting', { exact: true }).click()
  await page.getByText(/Event \d+ of deployment/).first().waitFor()
  await world.check('deliveries', true)
  expect(await page.content()).not.toContain('a-secret-of-enough-letters')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Send a test message to team-chat' }).click()
  await page.getByText(/^The test message is on its way, as delivery \d+/).waitFor()
  await page.getByText(/^Test message \d+, which .+ has asked for/).waitFor()
  await world.check('test message', true)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Send a test message to team-chat' }).click()
  await page.getByText(/^A test message waits for webhook team-chat already/).waitFor()
  await page.getByRole('button', { name: 'Remove team-chat' }).click()
  await page.getByRole('button', { name: 'Remove it' }).click()
  await page.getByText('Nobody hears of deployments yet.').waitFor()
  await ended(id)
})

test('a campaign says which line is wrong, is stopped, goes on, and is watched to its end', async () => {
  const { page } = world
  await call('PUT', '/freezes/office', { kind: 'deny', inFlight: 'hold', by: 'office', reason: 'the office looks', covers: { applications: [APP] } })
  await page.goto('/backoffice/campaigns')
  await page.getByText('There was no campaign yet.').waitFor()
  await page.getByRole('button', { name: 'New campaign' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('base-image-12')
  await page.getByRole('combobox', { name: 'Strategy' }).click()
  await page.getByRole('option', { name: 'all-in' }).click()
  await page.getByLabel('Targets').fill(`# the first\n${APP}/${SCOPE} 9.9.9`)
  await page.getByRole('button', { name: 'Start it' }).click()
  await page.getByText(/\(line 2\)/).waitFor()
  await world.check('campaign form', true)
  await page.getByLabel('Targets').fill(`${APP}/${SCOPE} 1.1.0`)
  await page.getByRole('button', { name: 'Start it' }).click()
  await page.getByRole('heading', { name: 'base-image-12' }).waitFor()
  await page.getByRole('cell', { name: 'Running' }).waitFor()
  await see('campaign')

  await order('Stop', 'I look first')
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  await order('Resume', 'It is well')
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor()
  await call('POST', '/freezes/office/remove', { by: 'office', reason: 'it has looked' })
  await page.getByText('1 of 1 done').waitFor()
  await page.goto('/backoffice/campaigns')
  await page.getByRole('link', { name: /base-image-12.*1 of 1 done/ }).waitFor()
  await see('campaigns')
})

async function order(word: string, reason: string, of?: string) {
  const { page } = world
  await ask(word, reason, of)
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

async function ask(word: string, reason: string, of?: string) {
  const { page } = world
  await page.getByRole('button', { name: of ? `${word} ${of}` : word, exact: true }).click()
  await page.getByLabel('Why').fill(reason)
  await page.getByRole('dialog').getByRole('button', { name: word }).click()
}

test('to which version clusters can not be brought is told before anything begins', async () => {
  const { page } = world
  await page.goto('/backoffice/upgrades')
  await page.getByText('There was no upgrade yet.').waitFor()
  await page.getByRole('link', { name: 'New upgrade' }).click()
  await page.getByText('Say to which version.').waitFor()
  await page.getByRole('textbox', { name: 'Version' }).fill('x')
  await page.getByText(/version.*must be a major and a minor version/i).waitFor()
  await page.getByLabel('Soak').fill('1000')
  await page.getByRole('button', { name: 'Start it' }).click()
  await page.getByText(/^Must be a major and a minor version/).waitFor()
  await page.getByText('Must be 0 to 720 hours.').waitFor()
  await page.getByText(/^Must be .*lower-case/).waitFor()
  await world.check('upgrade form', true)
  expect((await call<{ items: unknown[] }>('GET', '/upgrades')).items).toEqual([])
})

test.runIf(KUBECONFIG)('an upgrade shows its waves before it begins, waits for people, and is aborted', async () => {
  const { page } = world
  await call('PUT', `/clusters/${FIRST}`, {
    provider: 'local',
    region: 'next-door',
    criticality: 'low',
    shape: 'small',
    kubeconfig: KUBECONFIG,
    namespace: FIRST,
  })
  await until('it is well', async () => (await call<{ health?: string }>('GET', `/clusters/${FIRST}`)).health === 'healthy')
  await page.goto('/backoffice/upgrades/new')
  await page.getByRole('textbox', { name: 'Version' }).fill('1.36')
  await page.getByText(/control planes skip none/).first().waitFor()
  await page.getByRole('combobox', { name: 'Clusters' }).click()
  await page.getByRole('option', { name: CLUSTER, exact: true }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('textbox', { name: 'Name' }).fill('autumn')
  await page.getByRole('button', { name: 'Start it' }).click()
  await page.getByText(new RegExp(`^Must be one minor version further: cluster ${CLUSTER} is at`)).waitFor()
  await page.getByRole('combobox', { name: 'Clusters' }).press('Backspace')
  await page.getByRole('textbox', { name: 'Version' }).fill('1.35')
  const waves = page.getByRole('list', { name: 'Waves' })
  await waves.getByText('the first of its shape').waitFor()
  await waves.getByText(/it needs an approval/).waitFor()
  await page.getByRole('checkbox', { name: 'Empty each one first' }).uncheck()
  await see('upgrade-plan')
  await page.getByRole('button', { name: 'Start it' }).click()
  await page.getByRole('heading', { name: 'autumn' }).waitFor()
  await page.getByText(/bring its control plane to 1\.35 by your own means/).waitFor()

  // Who goes away before its turn has ended has none, and the next wave begins.
  await call('DELETE', `/clusters/${FIRST}`)
  await page.getByText(/^It waits for an approval/).waitFor()
  await page.getByText(/No shape has gone well before/).waitFor()
  await see('upgrade')
  await ask('Approve', 'I know it', CLUSTER)
  await page.getByText(/has begun the upgrade: somebody else approves/).waitFor()
  await page.keyboard.press('Escape')
  await order('Stop', 'I look first')
  await order('Resume', 'It is well')
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor()
  await order('Abort', 'Not this autumn')
  await page.getByText('The upgrade was aborted before its turn.').waitFor()
  await page.goto('/backoffice/upgrades')
  await page.getByRole('link', { name: /autumn.*Aborted by.*0 of 2 done, 2 skipped/ }).waitFor()
  await see('upgrades')
})

test('no page of the office has stumbled', () => expect(world.complaints).toEqual([]))

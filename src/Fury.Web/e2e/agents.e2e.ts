import { afterAll, beforeAll, expect, test } from 'vitest'
import { World } from './world'

let world: World

beforeAll(async () => {
  world = await World.open()
})
afterAll(async () => world?.close())

const line = (scope: string, instances: number, version?: string) => ({ scope, version, instances, oldestAt: '2026-01-02T03:04:05Z' })

test('where nothing runs on instances of a cloud, the page says so', async () => {
  const { page } = world
  await page.goto('/backoffice/campaigns')
  await page.getByRole('navigation', { name: 'Back office' }).getByRole('link', { name: 'Agents' }).click()
  await page.getByText('Nothing runs on instances of a cloud.').waitFor()
  expect(await page.getByRole('button', { name: 'Upgrade the others' }).count()).toBe(0)
  await world.check('agents, none', true)
  await world.fits('agents, none')
})

// The host under test has no cloud, so what one with a cloud answers is given here.
test('versions are shown with their scopes, page by page, and what is behind becomes the targets of a campaign', async () => {
  const { page } = world
  await page.route('**/api/v1/agents/versions?*', (route) =>
    route.fulfill({
      json: new URL(route.request().url()).searchParams.has('after')
        ? { items: [line('shop/production-worker', 2), line('shop/staging-web', 1, '1.10.0')] }
        : { items: [line('pay/production-api', 3, '1.9.0'), line('shop/production-web', 4, '1.10.0'), line('shop/production-web', 1, '1.9.0')], next: 'on' },
    }),
  )
  await page.goto('/backoffice/agents')
  await page.getByText('Of the first 3 lines, by scope.').waitFor()
  await page.getByRole('button', { name: 'Upgrade the others' }).click()
  await page.getByText(/There may be more scopes/).waitFor()
  expect(await page.getByLabel('Targets').inputValue()).toBe('pay/production-api\nshop/production-web')
  await world.check('campaign for agents', true)
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Show more' }).click()
  await page.getByRole('heading', { name: 'Does not say' }).waitFor()
  expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual(['1.10.0', '1.9.0', 'Does not say'])
  await page.getByText(/^5 instances in 2 scopes, the oldest asked for/).waitFor()
  await world.check('agents', true)
  await world.shoot('agents', true)

  await page.getByRole('button', { name: 'Start a campaign for these: Does not say' }).click()
  expect(await page.getByLabel('Targets').inputValue()).toBe('shop/production-worker')
  expect(await page.getByText(/There may be more scopes/).count()).toBe(0)
  await page.getByRole('button', { name: 'Start it' }).click()
  await page.getByText(/^Must be .*lower-case/).waitFor()
  expect(await page.getByLabel('Targets').inputValue()).toBe('shop/production-worker')
})

test('no page of agents has stumbled', () => expect(world.complaints).toEqual([]))

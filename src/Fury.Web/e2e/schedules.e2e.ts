import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, register, World } from './world'

const APP = 'night-shop'
const SCOPE = 'production-web'

let world: World

beforeAll(async () => {
  world = await World.open()
  await call('PUT', `/applications/${APP}`, { team: 'night', criticality: 'low' })
  await call('PUT', `/applications/${APP}/scopes/${SCOPE}`, { minReplicas: 1, maxReplicas: 2 })
  await register(APP, '1.0.0')
})
afterAll(async () => world?.close())

test('a schedule is set, changed and removed, and a wrong one is told beside its field', async () => {
  const { page } = world
  await page.goto(`/applications/${APP}/${SCOPE}?tab=jobs`)
  await page.getByText('Nothing runs by itself.').waitFor()
  await page.getByRole('button', { name: 'New schedule' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('yearly')
  await page.getByRole('combobox', { name: 'Version' }).click()
  await page.getByRole('option', { name: '1.0.0' }).click()
  await page.getByRole('textbox', { name: 'When' }).fill('each night')
  await page.getByRole('button', { name: 'Set it' }).click()
  await page.getByText(/^Must be five fields/).waitFor()
  await world.check('schedule form', true)
  await page.getByRole('textbox', { name: 'When' }).fill('0 0 1 1 *')
  await page.getByLabel('Arguments').fill('--all --quiet')
  await page.getByRole('button', { name: 'Set it' }).click()
  await page.getByText(/^0 0 1 1 \*/).waitFor()
  await world.check('schedules', true)
  await world.shoot('schedules', true)

  await page.getByRole('button', { name: 'Change yearly' }).click()
  await page.getByRole('textbox', { name: 'When' }).fill('0 0 2 1 *')
  await page.getByRole('button', { name: 'Change it' }).click()
  await page.getByText(/^0 0 2 1 \*/).waitFor()
  const kept = await call<{ job: { arguments: string[] } }>('GET', `/applications/${APP}/scopes/${SCOPE}/schedules/yearly`)
  expect(kept.job.arguments).toEqual(['--all', '--quiet'])
  await page.getByRole('button', { name: 'Remove yearly' }).click()
  await page.getByRole('button', { name: 'Remove it' }).click()
  await page.getByText('Nothing runs by itself.').waitFor()
})

test('no page of schedules has stumbled', () => expect(world.complaints).toEqual([]))

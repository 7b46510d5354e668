import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, World } from './world'

const APP = 'keeper'
const SCOPE = 'production-web'
const SETTINGS = `/applications/${APP}/${SCOPE}?tab=settings`
const FIRST = 'a-first-value\nof two lines'
const SECOND = 'a-second-value'

let world: World

beforeAll(async () => {
  world = await World.open()
  await call('PUT', `/applications/${APP}`, { team: 'keepers', criticality: 'low' })
  await call('PUT', `/applications/${APP}/scopes/${SCOPE}`, { minReplicas: 1, maxReplicas: 2 })
})
afterAll(async () => world?.close())

const row = (page: Page, version: number) =>
  page.getByRole('listitem').filter({ hasText: new RegExp(`^DB_PASSWORD version ${version}changed .* by .`) })

/** Whether a text is in what the page is made of, in one of its fields, or in what the browser keeps for it. */
const holds = (page: Page, text: string) =>
  page.evaluate((what) => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value)
    const kept = [sessionStorage, localStorage].flatMap((storage) => Object.values(storage) as string[])
    return [document.documentElement.outerHTML, ...fields, ...kept].some((part) => part.includes(what))
  }, text)

test('a secret is set by the keyboard, a refused name is told beside its field, and the value is nowhere once it is sent', async () => {
  const { page } = world
  await page.goto(SETTINGS)
  await page.getByText('It has no secrets yet.').waitFor()
  await page.getByRole('button', { name: 'Set a secret' }).press('Enter')
  const dialog = page.getByRole('dialog')
  const [name, value] = [dialog.getByRole('textbox', { name: 'Name' }), dialog.getByRole('textbox', { name: 'Value' })]
  await value.fill(`${FIRST}\n`)
  expect(await value.evaluate((field) => getComputedStyle(field).getPropertyValue('-webkit-text-security'))).toBe('disc')
  await name.fill('Not a <b>name</b>')
  await dialog.getByRole('button', { name: 'Set it' }).click()
  await dialog.getByText(/^Must be 1 to 64 capital letters/).waitFor()
  expect(await name.getAttribute('aria-invalid')).toBe('true')
  expect(await holds(page, FIRST)).toBe(true)
  await world.check('secret form', true)

  await name.fill('DB_PASSWORD')
  const sent = page.waitForRequest((request) => request.method() === 'PUT')
  for (const key of ['Tab', 'Tab', 'Tab', 'Enter']) {
    await page.keyboard.press(key)
  }
  expect((await sent).postDataJSON()).toEqual({ value: FIRST })
  await row(page, 1).waitFor()
  await dialog.waitFor({ state: 'hidden' })
  expect(await holds(page, 'a-first-value')).toBe(false)
  await world.check('secrets', true)
  await world.shoot('secrets', true)
})

test('it is given a new value, by its row or by its name', async () => {
  const { page } = world
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'New value of DB_PASSWORD' }).click()
  await dialog.getByRole('textbox', { name: 'Value' }).fill(SECOND)
  await dialog.getByRole('button', { name: 'Change it' }).click()
  await row(page, 2).waitFor()
  await page.getByRole('button', { name: 'Set a secret' }).click()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('DB_PASSWORD')
  await dialog.getByText('It has a value already, and this one takes its place.').waitFor()
  await dialog.getByRole('textbox', { name: 'Value' }).fill(FIRST)
  await dialog.getByRole('button', { name: 'Change it' }).click()
  await row(page, 3).waitFor()
  await dialog.waitFor({ state: 'hidden' })
  await page.reload()
  await row(page, 3).waitFor()
  expect([await holds(page, 'a-first-value'), await holds(page, SECOND)]).toEqual([false, false])
})

test('who may not change secrets reads their names, and there is no button', async () => {
  const { secret } = await call<{ secret: string }>('POST', '/tokens', { name: 'keeper-reader', role: 'viewer' })
  const { context, page } = await world.another()
  await page.addInitScript((token) => sessionStorage.setItem('fury-token', token), secret)
  await page.goto(SETTINGS)
  await page.getByText('You lack the permission "secrets".').waitFor()
  await row(page, 3).waitFor()
  expect(await page.getByRole('region', { name: 'Secrets' }).getByRole('button').count()).toBe(0)
  await context.close()
})

test('it is removed after it was said what that means', async () => {
  const { page } = world
  await page.getByRole('button', { name: 'Remove DB_PASSWORD' }).click()
  await page.getByRole('button', { name: 'Remove it' }).click()
  await page.getByText('It has no secrets yet.').waitFor()
  await world.shoot('no-secrets', false)
})

test('no page has stumbled over a secret', () => expect(world.complaints).toEqual([]))

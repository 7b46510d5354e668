import type { BrowserContext, Page } from 'playwright-core'
import { HEADERS, HOST, until } from './world'

// A host whose people sign in with an OpenID provider, as tests/Fury.Web.Tests starts both.
export const ISSUER = process.env.FURY_ISSUER ?? ''

/** Asks as a script would, and is not surprised by a refusal. */
export async function ask(method: string, path: string) {
  const answer = await fetch(`${HOST}${path}`, { method, headers: HEADERS })
  return { status: answer.status }
}

/** Answers every form of the provider until the browser is back at the host. */
export async function answerProvider(page: Page, name: string) {
  await until(`${name} is back from the provider`, async () => {
    if (page.url().startsWith(HOST)) {
      return true
    }
    const login = page.locator('[name=login]')
    if (await login.isVisible().catch(() => false)) {
      await login.fill(name)
      await page.locator('[name=password]').fill('any')
    }
    await page
      .locator('[type=submit]')
      .first()
      .click({ timeout: 5_000 })
      .catch(() => undefined)
    return false
  })
}

export const signIn = async (page: Page, name: string, path: string) => {
  await page.goto(path)
  await page.getByRole('dialog').getByRole('link', { name: 'Sign in' }).click()
  await answerProvider(page, name)
}

/** Answers the question of a page in the window that it opens for it; the page goes on by itself. */
export async function signInAgain(page: Page, name: string) {
  const dialog = page.getByRole('dialog')
  const opened = page.context().waitForEvent('page')
  await dialog.getByRole('link', { name: 'Sign in' }).click()
  const other = await opened
  await other.waitForLoadState()
  await answerProvider(other, name)
  await other.getByText(`You are signed in as ${name}.`).waitFor()
  await other.close()
  await dialog.waitFor({ state: 'hidden' })
}

/** A call of the page's own scripts, with its cookie and nothing else but what is said. */
export const fromPage = (page: Page, method: string, path: string, headers: Record<string, string>, body?: object) =>
  page.evaluate(
    async ([how, where, what, text]) => {
      const answer = await fetch(where, { method: how, headers: { 'Content-Type': 'application/json', ...what }, body: text })
      return { status: answer.status, body: (await answer.json().catch(() => null)) as Record<string, unknown> | null }
    },
    [method, path, headers, body && JSON.stringify(body)] as const,
  )

export const sessionOf = async (context: BrowserContext) => (await context.cookies(HOST)).find((one) => one.name === 'fury_session')

/** Its session is over at the host; the browser does not know it. */
export async function endSession(context: BrowserContext) {
  const cookie = await sessionOf(context)
  const answer = await fetch(`${HOST}/auth/logout`, { method: 'POST', headers: { Cookie: `fury_session=${cookie!.value}`, 'X-Fury-Page': '1' } })
  if (answer.status !== 204) {
    throw new Error(`The session was not ended: ${answer.status}`)
  }
}

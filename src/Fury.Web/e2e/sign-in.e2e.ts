import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerProvider, ask, endSession, fromPage, ISSUER, sessionOf, signIn, signInAgain } from './people'
import { call, HOST, register, SAMPLE, until, World } from './world'

const SCOPE = '/applications/hello/production-web'
// Its body may be left out, so a plain form of any page could ask for it.
const ROLLBACK = `/api/v1${SCOPE.replace('production-web', 'scopes/production-web')}/rollback`
const ANN = 'ann+greeters'
const PAGE = { 'X-Fury-Page': '1' }

let world: World

beforeAll(async () => {
  world = await World.open()
  await call('PUT', '/applications/hello', { team: 'greeters' })
  await call('PUT', '/applications/hello/scopes/production-web', { minReplicas: 1, maxReplicas: 2 })
  for (const version of ['1.0.0', '1.1.0']) {
    await register('hello', version)
  }
  await call('POST', '/applications/hello/scopes/production-web/deployments', { version: '1.0.0', strategy: 'all-in' })
  await call('POST', '/access/grants', { role: 'viewer', to: 'user:vera+guests', on: 'application:hello' })
})
afterAll(async () => world?.close())

const say = (name: string) => world.page.getByTestId(name)

test('whoever is not known is asked, signs in with the provider, and comes back to where she wanted to be', async () => {
  const { page, context } = world
  await page.goto(`${SCOPE}?tab=settings`)
  await page.getByRole('dialog').getByText('Who are you?').waitFor()
  await world.check('who are you', true)
  await world.shoot('sign-in', true)
  await page.getByRole('dialog').getByRole('link', { name: 'Sign in' }).click()
  await answerProvider(page, ANN)
  await page.getByRole('heading', { name: 'production-web' }).waitFor()
  expect(page.url()).toBe(`${HOST}${SCOPE}?tab=settings`)
  await page.getByRole('button', { name: `You: ${ANN}` }).click()
  await page.getByText(/^May: .*deploy/).waitFor()
  await page.keyboard.press('Escape')
  expect((await fromPage(page, 'GET', '/api/v1/me', {})).body).toMatchObject({ name: ANN, via: 'user' })

  expect(await sessionOf(context)).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false, path: '/', domain: '127.0.0.1' })
  expect(await page.evaluate(() => document.cookie)).not.toContain('fury_session')
})

test('only a page of this host changes something with her cookie', async () => {
  const { page, context } = world
  const wish = { artifact: { path: SAMPLE, command: 'hello' }, environment: {} }
  const without = await fromPage(page, 'PUT', '/api/v1/applications/hello/versions/6.6.6', {}, wish)
  expect(without).toMatchObject({ status: 403, body: { kind: 'forbidden' } })
  expect(String(without.body!.title)).toContain('X-Fury-Page')

  // Another port of the same machine is the same site for a cookie: her browser does send it along.
  const evil = await context.newPage()
  await evil.goto(`${ISSUER}/.well-known/openid-configuration`)
  const sent = await evil.evaluate(
    async ([host, rollback]) => {
      const post = (path: string, more: RequestInit) =>
        fetch(`${host}${path}`, { method: 'POST', credentials: 'include', ...more }).then(
          () => 'readable',
          () => 'kept back',
        )
      const plain = ['/auth/logout', rollback].map((path) => post(path, { mode: 'no-cors' }))
      return Promise.all([...plain, post('/auth/logout', { headers: { 'X-Fury-Page': '1' } })])
    },
    [HOST, ROLLBACK] as const,
  )
  expect(sent).toEqual(['kept back', 'kept back', 'kept back'])
  await evil.close()
  const { items } = await call<{ items: object[] }>('GET', `/audit?caller=${encodeURIComponent(ANN)}&result=denied`)
  expect(items[0]).toMatchObject({ path: ROLLBACK, status: 403 })
  expect((await ask('GET', '/api/v1/applications/hello/versions/6.6.6')).status).toBe(404)
  expect((await fromPage(page, 'GET', '/api/v1/me', {})).body).toMatchObject({ name: ANN })
})

test('when the session ends in the middle of a form, what was typed stays, and it goes on after a sign-in', async () => {
  const { page, context } = world
  await page.goto('/applications/hello/new-version')
  await page.getByRole('textbox', { name: 'Version' }).fill('2.0.0')
  await page.getByLabel('Artifact').fill(SAMPLE)
  await page.getByLabel('Command').fill('hello')
  await endSession(context)
  await page.getByRole('button', { name: 'Register it' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/Your session has ended\. What you have written stays/).waitFor()
  await world.check('session ended', false)
  await signInAgain(page, ANN)
  expect(await page.getByRole('textbox', { name: 'Version' }).inputValue()).toBe('2.0.0')
  await page.getByRole('button', { name: 'Register it' }).click()
  await page.getByRole('heading', { name: 'hello', exact: true }).waitFor()
  expect((await ask('GET', '/api/v1/applications/hello/versions/2.0.0')).status).toBe(200)
})

test('who closes the question is asked again as soon as a page needs the answer', async () => {
  const { page, context } = world
  await page.goto('/applications/hello/new-version')
  await page.getByRole('textbox', { name: 'Version' }).fill('3.0.0')
  await endSession(context)
  await page.getByRole('button', { name: 'Register it' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/Your session has ended/).waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await page.getByLabel('Where you are').getByText('hello').click()
  await dialog.getByText(/Your session has ended/).waitFor()
  await signInAgain(page, ANN)
  await page.getByRole('heading', { name: 'hello', exact: true }).waitFor()
})

test('a viewer sees what she may not press and why, and the host refuses it and keeps it in the trail', async () => {
  const { context, page } = await world.another()
  await signIn(page, 'vera+guests', '/applications/hello')
  const button = page.locator('button', { hasText: 'New version' })
  await button.waitFor()
  await until('it cannot be pressed', () => button.isDisabled())
  await page.locator('span').filter({ has: button }).last().hover()
  await page.getByText('You lack the permission "create-version".').waitFor()
  await page.goto(`${SCOPE}/deploy?version=1.1.0`)
  await until('nor can this', () => page.getByRole('button', { name: 'Deploy', exact: true }).isDisabled())

  const path = '/api/v1/applications/hello/scopes/production-web/deployments'
  const refused = await fromPage(page, 'POST', path, PAGE, { version: '1.1.0', strategy: 'all-in' })
  expect(refused).toMatchObject({ status: 403, body: { kind: 'forbidden', permission: 'deploy' } })
  const { items } = await call<{ items: object[] }>('GET', '/audit?caller=vera%2Bguests&result=denied')
  expect(items[0]).toMatchObject({ caller: 'vera+guests', via: 'user', method: 'POST', path, permission: 'deploy', status: 403 })
  await context.close()
})

test('of two who act at once one is too late, both read what has happened, and nothing is done twice', async () => {
  const first = await call<{ items: { id: string; phase: string }[] }>('GET', '/applications/hello/scopes/production-web/deployments')
  await until('the first version runs', async () => {
    const { phase } = await call<{ phase: string }>('GET', `/deployments/${first.items[0]!.id}`)
    return phase === 'done'
  })
  const { id } = await call<{ id: string }>('POST', '/applications/hello/scopes/production-web/deployments', {
    version: '1.1.0',
    strategy: 'canary',
    policy: { drainSeconds: 5 },
    steps: [{ weight: 25, gate: 'manual' }, { weight: 100 }],
  })
  const { context, page: his } = await world.another()
  await signIn(his, 'bob+greeters', `/deployments/${id}`)
  const hers = world.page
  await hers.goto(`/deployments/${id}`)
  await say('waiting').getByText('Waits for the judge.').waitFor()
  await his.getByRole('button', { name: 'Promote' }).click()
  await hers.getByRole('button', { name: 'Abort' }).click()
  await hers.getByLabel('Why').fill('wrong ticket')
  await hers.getByRole('dialog').getByRole('button', { name: 'Abort' }).click()

  await his.getByRole('dialog').getByText(/Somebody was faster: .*wrong ticket \(ann\+greeters\)/).waitFor()
  const late = await fromPage(his, 'POST', `/api/v1/deployments/${id}/promote`, PAGE, {})
  expect(late.status).toBe(409)
  expect(String(late.body!.title)).toMatch(/on its way back|has ended/)
  const again = await fromPage(hers, 'POST', `/api/v1/deployments/${id}/abort`, PAGE, {})
  expect([200, 409]).toContain(again.status)
  await his.getByRole('button', { name: 'Not now' }).click()
  for (const page of [hers, his]) {
    await page.getByTestId('waiting').getByText('It was aborted.').waitFor()
    await page.getByTestId('waiting').getByText('wrong ticket (ann+greeters)').waitFor()
  }

  const events = await call<{ phase: string; message: string }[]>('GET', `/deployments/${id}/events`)
  expect(events.filter((one) => one.phase === 'aborted')).toHaveLength(1)
  expect(events.filter((one) => one.message.includes('Promoted'))).toEqual([])
  const trail = await call<{ items: { path: string; status: number; before?: object; after?: object }[] }>('GET', '/audit?permission=deploy')
  const hersInIt = trail.items.filter((one) => one.path.endsWith(`${id}/abort`)).at(-1)
  expect(hersInIt).toMatchObject({ caller: ANN, status: 200, before: { phase: 'judging' }, after: { reason: 'Aborted: wrong ticket (ann+greeters)' } })
  await context.close()
})

test('who has a token types it in, and one that is wrong is said beside it', async () => {
  const { secret } = await call<{ secret: string }>('POST', '/tokens', { name: 'robot', role: 'viewer' })
  const { context, page } = await world.another()
  await page.goto('/applications/hello')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Token').fill('fury_nonsense')
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await dialog.getByText('The host does not know this token: it may be mistyped, revoked or expired.').waitFor()
  await dialog.getByLabel('Token').fill(secret)
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await page.getByRole('heading', { name: 'hello', exact: true }).waitFor()
  await page.getByRole('button', { name: 'You: robot' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'You: robot' }).click()
  await call('DELETE', '/tokens/robot')
  await dialog.getByText(/Your session has ended/).waitFor()
  expect(await page.evaluate(() => sessionStorage.getItem('fury-token'))).toBeNull()
  await context.close()
})

test('who lets the provider wait is told so in words, and she who signs out is nobody', async () => {
  const { context, page } = await world.another()
  await page.goto('/auth/login')
  await page.goto(`${HOST}/auth/callback?state=of-somebody-else&code=1`)
  await page.getByText('This sign-in was not begun in this browser, or took too long.').waitFor()
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  await context.close()

  const hers = await sessionOf(world.context)
  await world.page.getByRole('button', { name: `You: ${ANN}` }).click()
  await world.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await world.page.getByRole('dialog').getByText('This host wants to know who asks.').waitFor()
  expect(await sessionOf(world.context)).toBeUndefined()
  const old = await fetch(`${HOST}/api/v1/applications`, { headers: { Cookie: `fury_session=${hers!.value}` } })
  expect(old.status).toBe(401)
})

test('no page has stumbled, and none has broken its own rules', () => expect(world.complaints).toEqual([]))

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { raw } from './client'
import { isNobody, onRefused, readToken, tellKnown, tellRefused, writeToken } from './token'

const APPLICATIONS = 'http://fury.test/api/v1/applications'
const ME = 'http://fury.test/api/v1/me'

const ok = () => new Response('{}')
const refused = () => new Response(null, { status: 401 })

// What each request was signed with, in the order in which they were sent.
let signed: (string | null)[]

/** A host that gives these answers one after the other. */
function answer(...answers: (Response | Promise<Response>)[]) {
  vi.stubGlobal('fetch', async (request: Request) => {
    signed.push(request.headers.get('Authorization'))
    return answers[signed.length - 1] ?? Promise.reject(new TypeError('Nothing more was to be asked.'))
  })
}

const signIn = (token: string) => (writeToken(token), tellKnown())
const sent = (count: number) => vi.waitFor(() => expect(signed).toHaveLength(count))

beforeEach(() => {
  signed = []
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  signIn('old')
})
afterEach(() => {
  tellKnown()
  vi.unstubAllGlobals()
})

test('what is only asked waits until somebody is known, and is asked again as who that is', async () => {
  answer(refused(), ok())
  const asked = raw(APPLICATIONS)
  await vi.waitFor(() => expect(isNobody()).toBe(true))
  expect(readToken()).toBeNull()
  signIn('new')
  expect((await asked).status).toBe(200)
  expect(signed).toEqual(['Bearer old', 'Bearer new'])
})

test('a refusal of the token of before leaves the one that is known now', async () => {
  let refuse: (answer: Response) => void = () => undefined
  answer(new Promise((resolve) => (refuse = resolve)), ok())
  const asked = raw(APPLICATIONS)
  await sent(1)
  signIn('new')
  refuse(refused())
  expect((await asked).status).toBe(200)
  expect([readToken(), isNobody(), ...signed]).toEqual(['new', false, 'Bearer old', 'Bearer new'])
})

test('what changes something is sent once, as a request of the page', async () => {
  answer(refused())
  const request = vi.spyOn(globalThis, 'fetch')
  await expect(raw(APPLICATIONS, { method: 'POST', body: '{}' })).rejects.toMatchObject({ status: 401 })
  expect((request.mock.calls[0]![0] as Request).headers.get('X-Fury-Page')).toBe('1')
  expect(signed).toEqual(['Bearer old'])
  expect(isNobody()).toBe(true)
})

test('what is refused twice is told', async () => {
  answer(refused(), refused())
  const asked = raw(APPLICATIONS)
  await vi.waitFor(() => expect(isNobody()).toBe(true))
  signIn('new')
  await expect(asked).rejects.toMatchObject({ status: 401 })
  expect([readToken(), isNobody(), signed.length]).toEqual([null, true, 2])
})

test('who one is can be asked by nobody', async () => {
  tellRefused()
  answer(ok())
  expect((await raw(ME)).status).toBe(200)
  expect(signed).toEqual([null])
})

test('what waits asks again who one is, since the question may have been closed, and whoever waits no more is let go', async () => {
  tellRefused()
  answer()
  const question = vi.fn()
  const forget = onRefused(question)
  const stop = new AbortController()
  const asked = raw(APPLICATIONS, { signal: stop.signal })
  await vi.waitFor(() => expect(question).toHaveBeenCalledTimes(1))
  expect(signed).toEqual([])
  vi.stubGlobal('fetch', async (request: Request) => request.signal.throwIfAborted())
  stop.abort()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  forget()
})

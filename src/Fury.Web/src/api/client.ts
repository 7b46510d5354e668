import createClient from 'openapi-fetch'
import { problemOf } from './problem'
import type { paths } from './schema'
import { readToken, tellRefused, untilKnown } from './token'

// With a session in a cookie the host takes a change only from a page of its own, and no other page can set a header.
const PAGE = 'X-Fury-Page'

// The one question that is answered to everybody.
const ME = '/api/v1/me'

const ASKS_MAX = 2

function sign(headers: Headers, token: string | null) {
  if (token) {
    headers.set('Authorization', `Bearer ${token}`)
  } else {
    headers.delete('Authorization')
  }
}

/**
 * While nobody is known, whatever is only asked waits: the page stays as it is, and goes on as if nothing had been. What changes something is sent once,
 * as its body can be.
 */
async function send(request: Request): Promise<Response> {
  const isAsking = request.method === 'GET'
  const isWaiting = isAsking && new URL(request.url).pathname !== ME
  if (!isAsking) {
    request.headers.set(PAGE, '1')
  }
  for (let asks = 1; ; asks++) {
    if (isWaiting) {
      await untilKnown(request.signal)
    }
    const token = readToken()
    sign(request.headers, token)
    const answer = await fetch(request)
    if (answer.status !== 401) {
      return answer
    }
    // A refusal that comes late is about a token of before, and says nothing of the one that is known now.
    if (readToken() === token) {
      tellRefused()
    }
    if (!isAsking || asks === ASKS_MAX) {
      return answer
    }
  }
}

export const api = createClient<paths>({ baseUrl: '', fetch: send })

/** The body of an answer; throws its {@link Problem} otherwise. The only place where a refusal is read. */
export async function ok<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer
  try {
    answer = await call
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      throw error
    }
    throw problemOf(0, null)
  }
  if (!answer.response.ok) {
    throw problemOf(answer.response.status, answer.error)
  }
  return answer.data as T
}

/** A request that the API's description does not have (yet), or whose answer is no JSON. */
export async function raw(path: string, init: RequestInit = {}): Promise<Response> {
  let answer
  try {
    answer = await send(new Request(path, init))
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      throw error
    }
    throw problemOf(0, null)
  }
  if (!answer.ok) {
    throw problemOf(answer.status, await answer.json().catch(() => null))
  }
  return answer
}

/** One for each thing that is asked for once, however often its button is pressed. */
export const newKey = () => crypto.randomUUID()

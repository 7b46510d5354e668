// A token that somebody has pasted, for this tab only: it is gone when the tab is closed, and no other site can read it.
const KEY = 'fury-token'

type Listener = () => void
const listeners = new Set<Listener>()
const waiting = new Set<Listener>()
let isRefused = false

export const readToken = (): string | null => sessionStorage.getItem(KEY)

export function writeToken(token: string | null) {
  if (token) {
    sessionStorage.setItem(KEY, token)
  } else {
    sessionStorage.removeItem(KEY)
  }
}

/** Somebody must say who he is before the API answers again. */
export function onRefused(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Asking again and again is of no use until somebody has said who he is. */
export const isNobody = () => isRefused

/** A token that is refused would hide a session that is not. */
export function tellRefused() {
  isRefused = true
  writeToken(null)
  listeners.forEach((listener) => listener())
}

export function tellKnown() {
  isRefused = false
  waiting.forEach((go) => go())
  waiting.clear()
}

/** Returns as soon as somebody is known, or nobody waits for it any more. */
export const untilKnown = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (!isRefused || signal.aborted) {
      resolve()
      return
    }
    waiting.add(resolve)
    // Whoever closed the question has asked for something that needs its answer.
    listeners.forEach((listener) => listener())
    signal.addEventListener('abort', () => (waiting.delete(resolve), resolve()), { once: true })
  })

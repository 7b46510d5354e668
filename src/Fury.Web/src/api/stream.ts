import { raw } from './client'
import { asProblem } from './problem'

export interface ServerEvent {
  id: string
  event: string
  data: string
}

export type StreamState = 'open' | 'lost' | 'ended'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** Takes events out of a text that comes in pieces. Comments and fields that are not known are left out, as the standard has it. */
export class EventReader {
  private rest = ''
  private event = 'message'
  private data: string[] = []
  lastId: string

  constructor(lastId = '') {
    this.lastId = lastId
  }

  read(piece: string): ServerEvent[] {
    const events: ServerEvent[] = []
    const lines = (this.rest + piece).split('\n')
    this.rest = lines.pop() ?? ''
    for (const line of lines.map((text) => text.replace(/\r$/, ''))) {
      if (line === '') {
        if (this.data.length > 0) {
          events.push({ id: this.lastId, event: this.event, data: this.data.join('\n') })
        }
        this.event = 'message'
        this.data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') {
        this.data.push(value)
      } else if (field === 'event') {
        this.event = value
      } else if (field === 'id') {
        this.lastId = value
      }
    }
    return events
  }
}

export interface Following {
  /** The id of the last event that is known; the stream begins after it. */
  after?: string
  onEvent: (event: ServerEvent) => void
  onState?: (state: StreamState) => void
  /** No more comes after this one. */
  isLast: (event: ServerEvent) => boolean
  signal: AbortSignal
}

/** Follows server-sent events until the last one, taking up a connection that breaks where it broke. */
export async function follow(path: string, following: Following): Promise<void> {
  const { onEvent, onState, isLast, signal } = following
  let lastId = following.after ?? ''
  let pause = FIRST_PAUSE_MS
  while (!signal.aborted) {
    const reader = new EventReader(lastId)
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' }
      if (lastId) {
        headers['Last-Event-ID'] = lastId
      }
      const answer = await raw(path, { headers, signal })
      onState?.('open')
      pause = FIRST_PAUSE_MS
      for await (const piece of pieces(answer)) {
        for (const event of reader.read(piece)) {
          lastId = reader.lastId
          onEvent(event)
          if (isLast(event)) {
            onState?.('ended')
            return
          }
        }
      }
    } catch (error) {
      if (signal.aborted) {
        return
      }
      const { status } = asProblem(error)
      if (status >= 400 && status < 500 && status !== 429) {
        throw error
      }
    }
    onState?.('lost')
    await wait(pause * (0.5 + Math.random()), signal)
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2)
  }
}

/** A body as text, piece by piece. */
export async function* pieces(answer: Response): AsyncGenerator<string> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        return
      }
      yield value
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/** A field that is wrong, as the API says it. */
export interface FieldFault {
  field: string
  value?: string | null
  expected: string
}

/** A refusal (RFC 9457), or what the network has made of a request. */
export class Problem extends Error {
  readonly status: number
  readonly kind: string
  readonly fields: FieldFault[]
  readonly facts: Record<string, unknown>

  constructor(status: number, title: string, body: Record<string, unknown> = {}) {
    super(title)
    this.name = 'Problem'
    this.status = status
    this.kind = typeof body.kind === 'string' ? body.kind : ''
    this.fields = readFields(body.errors)
    this.facts = body
  }

  /** The host could not be asked: trying again may help. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503
  }
}

/** The API's own faults are a list; those of the framework (a body that cannot be read) are texts by field. */
function readFields(errors: unknown): FieldFault[] {
  if (Array.isArray(errors)) {
    return errors as FieldFault[]
  }
  if (errors && typeof errors === 'object') {
    return Object.entries(errors).map(([field, texts]) => ({ field: field.replace(/^\$\.?/, ''), expected: [texts].flat().join(' ') }))
  }
  return []
}

/** What an answer that is no success says. */
export function problemOf(status: number, body: unknown): Problem {
  if (body && typeof body === 'object') {
    const { title, detail } = body as { title?: string; detail?: string }
    return new Problem(status, title ?? detail ?? `The host answered ${status}.`, body as Record<string, unknown>)
  }
  return new Problem(status, status === 0 ? 'The host does not answer. It is tried again.' : `The host answered ${status}.`)
}

export const asProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(0, error instanceof TypeError ? 'The host does not answer.' : String((error as Error)?.message ?? error))

/**
 * Says beside each field of a form what is wrong with it, or with an entry of it where it is a list (scopes[2]); what belongs to no field of the form is
 * one text.
 */
export function placeFaults(problem: Problem, fields: readonly string[], names: Record<string, string> = {}) {
  const errors: Record<string, string> = {}
  const others: string[] = []
  for (const fault of problem.fields) {
    const field = [fault.field, fault.field.replace(/\[\d+\]$/, '')]
      .map((path) => names[path] ?? fields.find((one) => one.toLowerCase() === path.toLowerCase()))
      .find(Boolean)
    const text = fault.expected.length === 0 ? problem.message : `Must be ${fault.expected}.`
    if (field) {
      errors[field] = text
    } else {
      others.push(`${fault.field}: ${text}`)
    }
  }
  return { errors, rest: problem.fields.length === 0 ? problem.message : others.join(' ') }
}

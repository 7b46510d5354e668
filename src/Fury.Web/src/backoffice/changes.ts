import type { AuditEntry } from '../api/office'

/** One field that is not what it was. */
export interface Change {
  /** Its path, such as size.cpuMillis; empty: the whole. */
  field: string
  before?: string
  after?: string
}

/** What has changed between two documents, field by field; lists are one value. What is in neither, or alike in both, is left out. */
export function changesOf(before: unknown, after: unknown): Change[] {
  const [was, is] = [new Map<string, string>(), new Map<string, string>()]
  spread(before, '', was)
  spread(after, '', is)
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((field) => was.get(field) !== is.get(field))
    .sort((one, other) => one.localeCompare(other))
    .map((field) => ({ field, before: was.get(field), after: is.get(field) }))
}

// What stands in the trail for a document that is too long for it, or could not be looked at: (70000 characters).
const STAND_IN = /^\(.*\)$/

/** What is said where no field differs: that nothing was changed is known of what was denied, and of what is on record. */
export function unchanged({ result, before, after }: Pick<AuditEntry, 'result' | 'before' | 'after'>): string {
  if (result === 'denied') {
    return 'Nothing was changed.'
  }
  const kept: unknown = before ?? after ?? null
  const isKept = kept !== null && !(typeof kept === 'string' && STAND_IN.test(kept))
  return isKept ? 'Nothing was changed.' : `What was before and after is not on record${kept === null ? '' : ` ${kept}`}.`
}

function spread(value: unknown, field: string, into: Map<string, string>) {
  if (value === null || value === undefined) {
    return
  }
  if (typeof value === 'object' && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value)) {
      spread(inner, field ? `${field}.${name}` : name, into)
    }
  } else {
    into.set(field, typeof value === 'string' ? value : JSON.stringify(value))
  }
}

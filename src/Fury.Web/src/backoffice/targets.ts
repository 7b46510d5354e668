import type { FieldFault } from '../api/problem'

export interface WrittenTarget {
  /** From 1. */
  line: number
  scope: string
  version?: string
}

/** A line each: application/scope, and perhaps a version; empty lines and comments are left out. What is right is for the host to say. */
export const readTargets = (text: string): WrittenTarget[] =>
  text.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/[\s,;]+/)
    return words[0] === '' || words[0]!.startsWith('#')
      ? []
      : [{ line: index + 1, scope: words[0]!, version: words.length > 1 ? words.slice(1).join(' ') : undefined }]
  })

/** Numbers with commas or spaces between them; what is none is sent as it is, so that the host says what is wrong. */
export function readWaves(text: string): unknown[] | undefined {
  const words = text.split(/[\s,;]+/).filter(Boolean)
  return words.length === 0 ? undefined : words.map((word) => (/^-?\d+$/.test(word) ? Number(word) : word))
}

/** Faults of targets and waves as faults of the fields that they were written in, a target's with its line. */
export function faultsOfTargets(faults: FieldFault[], targets: WrittenTarget[]): FieldFault[] {
  const placed = faults.map((fault) => {
    const [, list, place] = /^(targets|waves)\[(\d+)\]/.exec(fault.field) ?? []
    const line = list === 'targets' ? targets[Number(place)]?.line : undefined
    return list ? { ...fault, field: list, expected: line ? `${fault.expected} (line ${line})` : fault.expected } : fault
  })
  return firstOfEach(placed)
}

/** A field shows one fault: the first is where to begin. */
export const firstOfEach = (faults: FieldFault[]) => faults.filter((fault, index) => faults.findIndex((one) => one.field === fault.field) === index)

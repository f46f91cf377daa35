import type { LogsFlags } from '../logs.ts'

/** A line of a controller's log, in the field names of Flux's controllers. */
type LogEntry = {
  readonly ts?: string
  readonly level?: string
  readonly msg?: string
  readonly error?: string
  readonly 'reconciler kind'?: string
  readonly controllerKind?: string
  readonly name?: string
  readonly namespace?: string
}

/** Prints a line of a log; false when the rest of that log cannot be read. */
export type PrintLine = (line: string) => boolean

/**
 * Prints the entries that the flags ask for; what is no JSON is not of the controllers' making.
 *
 * Source: FEATURES of Flux 2.9, §12.2.
 */
export function entryPrinter(
  flags: LogsFlags,
  { out, unreadable }: { readonly out: (text: string) => void; readonly unreadable: (why: string) => void },
): PrintLine {
  return (line) => {
    if (!line.startsWith('{')) return true
    let entry: LogEntry
    try {
      entry = JSON.parse(line)
    } catch (error) {
      unreadable((error as Error).message)
      return false
    }
    if (isWanted(entry, flags)) out(textOf(entry))
    return true
  }
}

/** When an entry was written, in milliseconds; nothing when the line does not say. */
export function timeOf(line: string): number | undefined {
  const time = Date.parse(/"ts":"([^"]+)"/.exec(line)?.[1] ?? '')
  return Number.isNaN(time) ? undefined : time
}

function isWanted(entry: LogEntry, { level, kind, name, allNamespaces, namespace }: LogsFlags): boolean {
  const kinds = [entry['reconciler kind'], entry.controllerKind]
  return (
    (level === undefined || level === entry.level) &&
    (kind === undefined || kinds.some((it) => isSame(kind, it))) &&
    (name === undefined || isSame(name, entry.name)) &&
    (allNamespaces || isSame(namespace, entry.namespace))
  )
}

function isSame(wanted: string, found: string | undefined): boolean {
  return wanted.toLowerCase() === found?.toLowerCase()
}

function textOf(entry: LogEntry): string {
  const { ts = '', level = '', msg = '', error = '', controllerKind = '', name, namespace = '' } = entry
  const kind = entry['reconciler kind'] || controllerKind
  return `${ts} ${level} ${kind}${name ? `/${name}.${namespace}` : ''} - ${msg} ${error}\n`
}

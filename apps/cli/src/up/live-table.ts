import { findCondition, reasons, sourceReasons, type ToolkitObject } from '@sluice/toolkit'
import { readiness } from '../kinds.ts'
import { shortenHashes } from '../output/shorten.ts'
import { pad } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'

/** Shows the toolkit's objects while they become ready. */
export type LiveTable = {
  /** Shows the objects as they are now. On a screen the table is redrawn, elsewhere only changed rows are printed. */
  readonly show: (objects: readonly ToolkitObject[]) => void
}

/** Reasons for not being ready that another object takes away: nothing is wrong with this one so far. */
const waitingReasons: ReadonlySet<string> = new Set([
  reasons.dependencyNotReady,
  reasons.artifactFailed,
  sourceReasons.noSourceArtifact,
  'SourceNotReady',
])

const eraseBelow = '\u001b[0J'

export function liveTable({ err, interactive, columns }: Terminal): LiveTable {
  let drawnLines = 0
  const printed = new Map<string, string>()

  return {
    show: (objects) => {
      const rows = objects.map(rowOf).toSorted((a, b) => (a.name < b.name ? -1 : 1))
      const width = Math.max(0, ...rows.map(({ name }) => name.length))
      const lines = rows.map((row) => ({
        name: row.name,
        text: `  ${row.mark} ${pad(row.name, width)}  ${row.message}`,
      }))
      if (interactive) {
        const up = drawnLines > 0 ? `\u001b[${drawnLines}A\r${eraseBelow}` : ''
        err(up + lines.map(({ text }) => `${text.slice(0, columns - 1)}\n`).join(''))
        drawnLines = lines.length
        return
      }
      for (const { name, text } of lines) {
        if (printed.get(name) === text) continue
        printed.set(name, text)
        err(`${text}\n`)
      }
    },
  }
}

/** Whether every object has come to a successful end. */
export function allReady(objects: readonly ToolkitObject[]): boolean {
  return (
    objects.length > 0 &&
    objects.every(
      (it) => readiness(it).ready === 'True' && it.status?.observedGeneration === it.metadata.generation,
    )
  )
}

function rowOf(object: ToolkitObject): {
  readonly name: string
  readonly mark: string
  readonly message: string
} {
  const { namespace, name } = object.metadata
  const { ready, message } = readiness(object)
  const marks: Readonly<Record<string, string>> = { True: '✔', Unknown: '◎' }
  const reason = findCondition(object.status?.conditions ?? [], 'Ready')?.reason
  const waits = reason === undefined || waitingReasons.has(reason)
  return {
    name: `${object.kind}/${namespace}/${name}`,
    mark: marks[ready] ?? (waits ? '◎' : '✗'),
    message: shortenHashes(message).split('\n')[0] ?? '',
  }
}

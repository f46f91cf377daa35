import type { ActionLog } from '@sluice/chart'
import { ApiError } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'

/** The last lines that Helm would have logged, as they are shown with failures. */
export interface ActionLogs {
  readonly add: (line: ActionLog) => void
  /** The oldest first. */
  lines(): readonly string[]
}

type Line = { readonly text: string; readonly at: string; repeats: number; lastAt: string }

/** Source: Flux 2.9, events of failed actions show at most this many. */
const maxLines = 10

const levels: Readonly<Record<ActionLog['level'], string>> = {
  debug: '',
  warning: 'warning: ',
  error: 'error: ',
}

export function actionLogs(clock: Clock): ActionLogs {
  const kept: Line[] = []
  return {
    add: ({ level, message, fields }) => {
      const text = `${levels[level]}${message}: ${fieldText(fields)}`
      const at = timeText(clock.now())
      const last = kept.at(-1)
      if (last?.text === text) {
        last.repeats += 1
        last.lastAt = at
        return
      }
      kept.push({ text, at, repeats: 0, lastAt: at })
      if (kept.length > maxLines) kept.shift()
    },
    lines: () => kept.flatMap(printed),
  }
}

function printed({ text, at, repeats, lastAt }: Line): readonly string[] {
  if (repeats === 0) return [`${at}: ${text}`]
  const omitted = repeats - 1
  const more = omitted === 0 ? '' : ` (${omitted} duplicate line${omitted > 1 ? 's' : ''} omitted)`
  return [`${at}: ${text}`, `${lastAt}: ${text}${more}`]
}

/** In the order of their names; of errors only an answer of the API server has fields that Go prints. */
function fieldText(fields: ActionLog['fields']): string {
  const sorted = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(
    Object.fromEntries(sorted.map(([k, v]) => [k, v instanceof Error ? errorFields(v) : v])),
  )
}

function errorFields(error: Error): { readonly ErrStatus?: unknown } {
  if (!(error instanceof ApiError)) return {}
  const { message, reason, details, code } = error.status
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }
  return { ErrStatus: { ...status, message, reason, details, code } }
}

/** RFC 3339 without zeros at the end. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z')
}

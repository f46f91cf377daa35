import type { LogFields, Logger } from '../logger.ts'

export type LogLine = {
  readonly level: 'debug' | 'info' | 'error'
  readonly message: string
  readonly fields: LogFields
  readonly error?: unknown
}

/** A logger that keeps its lines for the test to look at. */
export function recordingLogger(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  return Object.assign(bound({}), { lines })

  function bound(context: LogFields): Logger {
    return {
      debug: (message, fields) => lines.push({ level: 'debug', message, fields: { ...context, ...fields } }),
      info: (message, fields) => lines.push({ level: 'info', message, fields: { ...context, ...fields } }),
      error: (error, message, fields) =>
        lines.push({ level: 'error', message, fields: { ...context, ...fields }, error }),
      with: (fields) => bound({ ...context, ...fields }),
    }
  }
}

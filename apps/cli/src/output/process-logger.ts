import { errorChain, type LogFields, type Logger } from '@sluice/ports'
import { pino } from 'pino'

/** JSON lines on stderr with the field names of Flux's controllers. */
export function processLogger(level: string): Logger {
  return wrap(
    pino(
      {
        level,
        base: null,
        messageKey: 'msg',
        timestamp: () => `,"ts":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      pino.destination(2),
    ),
  )
}

type Pino = ReturnType<typeof pino>

function wrap(to: Pino): Logger {
  return {
    debug: (message, fields: LogFields = {}) => to.debug(fields, message),
    info: (message, fields: LogFields = {}) => to.info(fields, message),
    error: (error, message, fields: LogFields = {}) =>
      to.error({ ...fields, error: errorChain(error) }, message),
    with: (fields) => wrap(to.child(fields)),
  }
}

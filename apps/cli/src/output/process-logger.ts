import { errorChain, type LogFields, type Logger } from '@sluice/ports'
import { type DestinationStream, pino } from 'pino'

/** JSON lines on stderr with the field names of Flux's controllers. */
export function processLogger(level: string): Logger {
  return loggerTo(pino.destination(2), level)
}

/** The same to anything that lines can be written to. */
export function loggerTo(destination: DestinationStream, level: string): Logger {
  return wrap(
    pino(
      {
        level,
        base: null,
        messageKey: 'msg',
        timestamp: () => `,"ts":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    ),
  )
}

/** A logger that writes to both. */
export function both(first: Logger, second: Logger): Logger {
  return {
    debug: (message, fields) => {
      first.debug(message, fields)
      second.debug(message, fields)
    },
    info: (message, fields) => {
      first.info(message, fields)
      second.info(message, fields)
    },
    error: (error, message, fields) => {
      first.error(error, message, fields)
      second.error(error, message, fields)
    },
    with: (fields) => both(first.with(fields), second.with(fields)),
  }
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

import { errorChain, type LogFields, type Logger } from '@sluice/ports'
import { type DestinationStream, pino } from 'pino'

/** Lines on stderr: JSON with the field names of Flux's controllers, or for people to read. */
export function processLogger(level: string, encoding: 'json' | 'console' = 'json'): Logger {
  const stderr = pino.destination(2)
  return loggerTo(encoding === 'json' ? stderr : { write: (line) => stderr.write(consoleLine(line)) }, level)
}

/** Time, level and message of a line, then what else it tells, as zap's console encoder has them. */
export function consoleLine(json: string): string {
  const { ts, level, msg, ...fields }: Readonly<Record<string, unknown>> = JSON.parse(json)
  const rest = Object.keys(fields).length === 0 ? [] : [JSON.stringify(fields)]
  return `${[ts, String(level).toUpperCase(), msg, ...rest].join('\t')}\n`
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

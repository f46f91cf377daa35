/** Structured fields of a log line. Secrets never go in here. */
export type LogFields = Readonly<Record<string, unknown>>

/** A structured logger, with Flux's levels. */
export interface Logger {
  /** Shown with `--log-level=debug`. */
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  /** `error` is printed as its chain of messages. */
  error(error: unknown, message: string, fields?: LogFields): void
  /** A logger that adds `fields` to each line. */
  with(fields: LogFields): Logger
}

/** Drops everything. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  error: () => {},
  with: () => silentLogger,
}

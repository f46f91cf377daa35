import { formatDuration, parseDuration, parseDurationMs } from '@sluice/go'
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import type { ObjectFlags } from './command-context.ts'

/** Flags of the program itself, which every command has. */
export type GlobalOptions = {
  readonly namespace?: string
  readonly kubeconfig?: string
  readonly context?: string
  /** Milliseconds. */
  readonly timeout: number
  readonly verbose: boolean
}

/** The flags of the program, wherever in the tree of commands `command` is. */
export function objectFlags(command: Command): ObjectFlags {
  const { namespace, kubeconfig, context, timeout } = command.optsWithGlobals<GlobalOptions>()
  return {
    namespace: namespace ?? 'flux-system',
    timeoutMs: timeout,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  }
}

/** Milliseconds of a Go duration. @throws {CliError} */
export function milliseconds(text: string): number {
  return parsed(text, parseDurationMs)
}

/** A Go duration in the form in which Go prints it: `60s` → `1m0s`. @throws {CliError} */
export function goDuration(text: string): string {
  return parsed(text, (it) => formatDuration(parseDuration(it)))
}

/** A flag that may be repeated and takes values parted by commas. */
export function commaSeparated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').filter((it) => it !== '')]
}

/** A flag that is on by itself, and takes `true` or `false`. @throws {CliError} */
export function switchValue(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new CliError(`'${text}' is neither true nor false`)
}

/** A number of a TCP port; 0 for any. @throws {CliError} */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new CliError(`'${text}' is not a port`)
  return port
}

function parsed<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (cause) {
    throw new CliError(`'${text}' is not a duration such as 5m0s`, { cause })
  }
}

import { type ControllerName, controllerNames } from '../controller-name.ts'
import { flagsOf } from './controller-flags.ts'
import type { Flag } from './flag.ts'
import { FlagError } from './flag-error.ts'

/** A command line, taken apart. */
export type Arguments = {
  /** What is no flag, in order. */
  readonly words: readonly string[]
  /** Values as typed, by flag, in order. */
  readonly given: ReadonlyMap<string, readonly string[]>
  readonly asksForHelp: boolean
}

/** All flags there are, by name. A name is of one kind wherever it is. */
const known = new Map(controllerNames.flatMap(flagsOf).map((flag) => [flag.name, flag]))

/**
 * Takes a command line apart as Go's pflag does: `--name=value` or `--name value`, switches without a value of their own.
 *
 * @throws {FlagError}
 */
export function readArguments(args: readonly string[]): Arguments {
  const words: string[] = []
  const given = new Map<string, string[]>()
  let asksForHelp = false
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      words.push(...rest.splice(0))
    } else if (arg === '-h' || arg === '--help') {
      asksForHelp = true
    } else if (arg.startsWith('-') && arg !== '-') {
      const [name, value] = flagIn(arg, rest)
      given.set(name, [...(given.get(name) ?? []), value])
    } else {
      words.push(arg)
    }
  }
  return { words, given, asksForHelp }
}

/** @throws {FlagError} when a flag is given that none of the controllers has. */
export function checkNames({ given }: Arguments, controllers: readonly ControllerName[]): void {
  const names = new Set(controllers.flatMap(flagsOf).map(({ name }) => name))
  for (const name of given.keys()) {
    if (!names.has(name)) throw unknownFlag(`--${name}`)
  }
}

function flagIn(arg: string, rest: string[]): readonly [name: string, value: string] {
  const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
  const flag: Flag | undefined = known.get(name)
  if (!flag) throw unknownFlag(name === '' ? arg : `--${name}`)
  if (inline !== undefined) return [name, inline]
  if (flag.kind === 'switch') return [name, 'true']
  const value = rest.shift()
  if (value === undefined) throw new FlagError('FLAG_MISSING_VALUE', `flag needs an argument: --${name}`)
  return [name, value]
}

function unknownFlag(flag: string): FlagError {
  return new FlagError('FLAG_UNKNOWN', `unknown flag: ${flag}`)
}

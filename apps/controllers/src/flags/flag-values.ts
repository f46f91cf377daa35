import { parseDurationMs } from '@sluice/go'
import type { ControllerName } from '../controller-name.ts'
import { flagsOf } from './controller-flags.ts'
import { type FeatureGate, featureGates, gateStates } from './feature-gates.ts'
import type { Flag, FlagKind } from './flag.ts'
import { FlagError } from './flag-error.ts'
import type { Arguments } from './read-arguments.ts'

/** Values of the flags of one controller. Asking for a flag that it has not is a mistake of the program. */
export interface FlagValues {
  has(name: string): boolean
  text(name: string): string
  /** Of integers and numbers. */
  number(name: string): number
  ms(name: string): number
  isOn(name: string): boolean
  list(name: string): readonly string[]
  /** Whether a feature is switched on. */
  gate(name: FeatureGate): boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The flags of a controller as given, or else as the environment or Flux's defaults have them.
 *
 * @throws {FlagError} when a value is not of its flag's kind.
 */
export function flagValues(
  controller: ControllerName,
  { given }: Pick<Arguments, 'given'>,
  env: Environment,
): FlagValues {
  const values = new Map(flagsOf(controller).map((flag) => [flag.name, valueOf(flag, given, env)]))
  const gates = gateStates(controller, values.get('feature-gates')?.texts ?? [])

  return {
    has: (name) => values.has(name),
    text: (name) => last(name, ['text']),
    number: (name) => Number(last(name, ['integer', 'number'])),
    ms: (name) => parseDurationMs(last(name, ['duration'])),
    isOn: (name) => isTrue(last(name, ['switch'])),
    list: (name) => {
      const { flag, texts } = find(name, ['list', 'repeated'])
      return flag.kind === 'list' ? texts.flatMap((text) => text.split(',')) : texts
    },
    gate: (name) => gates.get(name) ?? featureGates(controller).get(name) ?? false,
  }

  function last(name: string, kinds: readonly FlagKind[]): string {
    return find(name, kinds).texts.at(-1) ?? ''
  }

  function find(name: string, kinds: readonly FlagKind[]): Value {
    const value = values.get(name)
    if (!value || !kinds.includes(value.flag.kind)) {
      throw new TypeError(`${controller} has no such flag: ${name}`)
    }
    return value
  }
}

type Value = { readonly flag: Flag; readonly texts: readonly string[] }

function valueOf(flag: Flag, given: ReadonlyMap<string, readonly string[]>, env: Environment): Value {
  const { name, kind, env: variable = '' } = flag
  const texts = given.get(name)
  if (texts) {
    for (const text of texts) check(flag, text)
    return { flag, texts }
  }
  const text = env[variable] || flag.default
  return { flag, texts: text === '' && kind !== 'text' ? [] : [text] }
}

function check({ name, kind, most }: Flag, text: string): void {
  const problem = problemOf(kind, text, most)
  if (problem === undefined) return
  throw new FlagError(
    'FLAG_INVALID',
    `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${problem}`,
  )
}

function problemOf(kind: FlagKind, text: string, most = Number.MAX_SAFE_INTEGER): string | undefined {
  switch (kind) {
    case 'integer': {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
      if (Number.isNaN(value)) return 'not an integer'
      return value < 0 || value > most ? `not between 0 and ${most}` : undefined
    }
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? undefined : 'not a number'
    case 'switch':
      return isTrue(text) || isFalse(text) ? undefined : 'neither true nor false'
    case 'duration':
      return isDuration(text) ? undefined : 'not a duration such as 30s'
    case 'text':
    case 'list':
    case 'repeated':
    case 'gates':
      return undefined
  }
}

/** Source: https://pkg.go.dev/strconv#ParseBool. */
function isTrue(text: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)
}

function isFalse(text: string): boolean {
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)
}

function isDuration(text: string): boolean {
  try {
    parseDurationMs(text)
    return true
  } catch {
    // Whatever is wrong with it, it is none.
    return false
  }
}

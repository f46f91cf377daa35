import type { Random } from '@sluice/ports'
import { seededRandom } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import {
  CelCompileError,
  CelCostError,
  CelError,
  CelProgramError,
  type CelValue,
  check,
  compileUnchecked,
  dynType,
  type Environment,
  estimateCost,
  fromJson,
  fullEnvironment,
  kubernetesEnvironment,
  Program,
  typeOf,
} from '../src/index.ts'

// The long run: SLUICE_FUZZ=100000 npx vitest run engines/cel/test
const count = Number(process.env['SLUICE_FUZZ'] ?? 1_500)
const costLimit = 20_000
const variables = new Map([
  ['self', dynType],
  ['list', dynType],
])
const environments = [
  fullEnvironment().extend({ variables }),
  kubernetesEnvironment().extend({ variables }),
] as const
const self = fromJson({ a: 1, b: 'text', c: [1, 'two', null, 3.5], d: { e: true, f: { g: [] } } })
const data = new Map<string, CelValue>([
  ['self', self],
  ['list', fromJson([1, 2, 3, 'x', { name: 'n' }])],
])
const valueOf = (name: string): CelValue | undefined => data.get(name)

/** Writes random expressions: mostly such as people write, now and then any row of tokens. */
class Writer {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  #float(): number {
    return this.#random.float()
  }

  write(): string {
    return this.#float() < 0.1 ? this.#soup() : this.#expression(Math.floor(this.#float() * 6))
  }

  #pick(choices: readonly string[]): string {
    return choices[Math.floor(this.#float() * choices.length)] ?? ''
  }

  #expression(depth: number): string {
    if (depth <= 0) return this.#atom()
    const inner = (): string => this.#expression(depth - 1 - Math.floor(this.#float() * 2))
    const forms: readonly (() => string)[] = [
      () => `${inner()} ${this.#pick(infix)} ${inner()}`,
      () => `(${inner()})`,
      () => `${this.#pick(['!', '-', '--', '!!'])}${inner()}`,
      () => `${inner()} ? ${inner()} : ${inner()}`,
      () => `${inner()}.${this.#pick(fields)}`,
      () => `${inner()}[${inner()}]`,
      () => `${inner()}.?${this.#pick(fields)}.orValue(${inner()})`,
      () => `[${inner()}, ${inner()}, ?optional.of(${inner()})]`,
      () => `{${inner()}: ${inner()}, ?'k': optional.none()}`,
      () => `${this.#pick(functions)}(${inner()})`,
      () => `${inner()}.${this.#pick(methods)}(${this.#float() < 0.5 ? '' : inner()})`,
      () => `${inner()}.${this.#pick(methods)}(${inner()}, ${inner()})`,
      () => `${inner()}.${this.#pick(macros)}(x, ${inner()})`,
      () => `${inner()}.${this.#pick(macros)}(x, y, ${inner()})`,
      () => `${inner()}.map(x, ${inner()}, ${inner()})`,
      () => `has(${inner()}.${this.#pick(fields)})`,
      () => `cel.bind(x, ${inner()}, ${inner()})`,
      () => `${inner()}.matches(${this.#pick(patterns)})`,
      () => `'%s %d %.2f'.format([${inner()}, ${inner()}, ${inner()}])`,
    ]
    return (forms[Math.floor(this.#float() * forms.length)] ?? forms[0] ?? inner)()
  }

  #atom(): string {
    return this.#pick(atoms)
  }

  #soup(): string {
    const tokens = [
      ...atoms,
      ...infix,
      ...fields,
      ...functions,
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '.',
      ',',
      ':',
      '?',
    ]
    const length = 1 + Math.floor(this.#float() * 15)
    return Array.from({ length }, () => this.#pick(tokens)).join(this.#pick(['', ' ']))
  }
}

const infix = '+ - * / % == != < <= > >= && || in'.split(' ')
const fields = 'a b c d e f g name `a-b` in x'.split(' ')
const atoms = [
  ...'self list x y 0 1 -1 9223372036854775807 -9223372036854775808 18446744073709551615u 1u 0.5 1e308'.split(
    ' ',
  ),
  ...'true false null \'\' "text" b\'\\xff\' r"\\d" [] {} int string type(1) optional.none()'.split(' '),
  "'\u{1F600}é'",
  "timestamp('2024-02-29T00:00:00Z')",
  "duration('1h')",
  '"""a\nb"""',
]
const functions = 'int uint double string bytes bool type dyn size duration timestamp quantity url ip cidr'
  .split(' ')
  .concat('math.greatest math.sqrt base64.encode sets.contains lists.range strings.quote isSorted'.split(' '))
const methods = 'size contains startsWith endsWith split join replace substring trim indexOf charAt reverse'
  .split(' ')
  .concat(
    'lowerAscii format distinct flatten sort slice first last sum min max find findAll value'.split(' '),
  )
  .concat('getFullYear getHours getMilliseconds isSorted includes asInteger compareTo hasValue or'.split(' '))
const macros = 'all exists exists_one map filter existsOne transformList transformMap sortBy optMap'.split(
  ' ',
)
const patterns = ["'(a+)+$'", "'['", "'^[a-z]*$'", 'self.b', "'(?i)TEXT'", "'\\\\d{2,5}'"]

/** Runs an expression; only what the API promises may be thrown. */
function run(environment: Environment, text: string): { readonly value?: CelValue; readonly type?: string } {
  try {
    const checked = check(environment, text)
    const { min, max } = estimateCost(environment, checked)
    expect(min <= max).toBe(true)
    const program = new Program(environment, checked.expression, checked)
    const { value, cost } = program.run(valueOf, { costLimit })
    expect(cost).toBeLessThanOrEqual(costLimit)
    return { value, type: checked.outType.name }
  } catch (error) {
    if (isPromised(error)) return {}
    throw error
  }
}

function isPromised(error: unknown): boolean {
  return error instanceof CelCompileError || error instanceof CelCostError || error instanceof CelProgramError
}

/** Types whose values may be of several kinds, and those that null counts among. */
const loose = new Set(['dyn', 'type', '*error*'])
const nullable = new Set(['google.protobuf.Timestamp', 'google.protobuf.Duration', 'optional_type'])

function isSound({ value, type = 'dyn' }: ReturnType<typeof run>): boolean {
  if (value === undefined || value instanceof CelError || loose.has(type)) return true
  return value === null ? type === 'null_type' || nullable.has(type) : typeOf(value).name === type
}

test(`${count} random expressions neither crash nor hang nor belie their types`, { timeout: 300_000 }, () => {
  const writer = new Writer(8)
  const wrong: string[] = []
  for (let index = 0; index < count; index++) {
    const text = writer.write()
    const environment = environments[index % 2] ?? environments[0]
    try {
      if (!isSound(run(environment, text))) wrong.push(text)
    } catch (error) {
      wrong.push(`${text}: ${String(error)}`)
    }
  }
  expect(wrong).toEqual([])
})

test('random expressions run without types, too', () => {
  const writer = new Writer(9)
  const wrong: string[] = []
  for (let index = 0; index < count / 10; index++) {
    const text = writer.write()
    try {
      compileUnchecked(environments[0], text).run(valueOf, { costLimit })
    } catch (error) {
      if (!isPromised(error)) wrong.push(`${text}: ${String(error)}`)
    }
  }
  expect(wrong).toEqual([])
})

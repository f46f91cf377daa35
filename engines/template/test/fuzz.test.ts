import { type GoValue, goInt } from '@sluice/go'
import { noCrypto, type Random } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { helmFunctions, helmValues, renderHelm, TemplateError } from '../src/index.ts'

// The long form: SLUICE_FUZZ=100000 npx vitest run engines/template/test/fuzz.test.ts
const rounds = Number(process.env['SLUICE_FUZZ'] ?? 1_500)

const slow = new Set(['genCA', 'genCAWithKey', 'genPrivateKey', 'derivePassword', 'bcrypt', 'htpasswd'])
const functions = helmFunctions({ clock: fakeClock(0), random: seededRandom(1), crypto: noCrypto })
const names = [
  ...functions.keys(),
  'index',
  'len',
  'slice',
  'eq',
  'lt',
  'and',
  'or',
  'not',
  'printf',
  'print',
  'html',
  'call',
].filter((name) => !slow.has(name))
const leaves = [
  '.',
  '$',
  '.Values.s',
  '.Values.list',
  '.Values.map.a',
  '.Values.n',
  '.Values.none',
  '1',
  '-3',
  '2.5',
  '0',
  '""',
  '"a b"',
  '"%v"',
  '"1.2.3"',
  'true',
  'nil',
  '$v',
  '100000',
  '"\\xff"',
  '`é`',
  '"{{ . }}"',
  '(list)',
  '(dict "a" 1)',
]
const scraps = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  '"',
  '`',
  '(',
  ')',
  '|',
  ':=',
  '$v',
  '.',
  'end',
  'else',
  '/*',
  '*/',
  '\n',
  'é',
  '\\',
  "'",
  '0x',
]

test(`${rounds} random templates end in a text or an error of the template`, { timeout: 3_600_000 }, () => {
  const random = seededRandom(20_261_126)
  for (let round = 0; round < rounds; round += 1) {
    const text = random.float() < 0.3 ? mutated(random, body(random, 3)) : body(random, 3)
    expect(run(text)).toBeTypeOf('string')
  }
})

function run(text: string): string {
  const values = new Map<string, GoValue>([
    [
      'Values',
      helmValues(
        new Map<string, GoValue>([
          ['s', 'text'],
          ['n', 5],
          ['list', ['b', 'a', 3, null]],
          ['i', goInt(7)],
          ['map', new Map<string, GoValue>([['a', new Map([['b', 1]])]])],
        ]),
      ),
    ],
  ])
  const templates = new Map([['c/templates/t.yaml', { text, basePath: 'c/templates', values }]])
  try {
    const limits = { steps: 20_000, bytes: 1_000_000, depth: 60 }
    return renderHelm(templates, { functions, limits }).get('c/templates/t.yaml') ?? ''
  } catch (cause) {
    if (cause instanceof TemplateError) return cause.message
    throw new Error(`not an error of a template: ${text}`, { cause })
  }
}

function body(random: Random, depth: number): string {
  return Array.from({ length: 1 + pickIndex(random, 3) }, () => statement(random, depth)).join('')
}

function statement(random: Random, depth: number): string {
  const inner = (): string => (depth > 0 ? body(random, depth - 1) : 'x')
  switch (pickIndex(random, depth > 0 ? 9 : 4)) {
    case 0:
      return 'text\n'
    case 1:
      return `{{ $v := ${pipe(random, depth)} }}`
    case 4:
      return `{{ if ${pipe(random, depth)} }}${inner()}{{ else }}${inner()}{{ end }}`
    case 5:
      return `{{ range $i, $v := ${pipe(random, depth)} }}${inner()}{{ end }}`
    case 6:
      return `{{ with ${pipe(random, depth)} }}${inner()}{{ end }}`
    case 7:
      return `{{ define "d" }}${inner()}{{ end }}{{ template "d" ${operand(random, depth)} }}`
    case 8:
      return `{{ include "d" ${operand(random, depth)} }}`
    default:
      return `{{ $v := 1 }}{{- ${pipe(random, depth)} -}}`
  }
}

function pipe(random: Random, depth: number): string {
  return Array.from({ length: 1 + pickIndex(random, 3) }, () => command(random, depth)).join(' | ')
}

function command(random: Random, depth: number): string {
  if (random.float() < 0.2) return operand(random, depth)
  const args = Array.from({ length: pickIndex(random, 4) }, () => operand(random, depth))
  return [pick(random, names), ...args].join(' ')
}

function operand(random: Random, depth: number): string {
  return depth > 0 && random.float() < 0.3 ? `(${pipe(random, depth - 1)})` : pick(random, leaves)
}

function mutated(random: Random, text: string): string {
  const at = pickIndex(random, text.length)
  return text.slice(0, at) + pick(random, scraps) + text.slice(at + pickIndex(random, 4))
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[pickIndex(random, items.length)] as T
}

function pickIndex(random: Random, length: number): number {
  return Math.floor(random.float() * length)
}

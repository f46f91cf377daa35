import { describe, expect, test } from 'vitest'
import {
  CelCompileError,
  CelCostError,
  CelError,
  type CelValue,
  compile,
  compileUnchecked,
  dynType,
  fluxEnvironment,
  fromJson,
  fullEnvironment,
  kubernetesEnvironment,
} from './index.ts'

const full = fullEnvironment()
const kubernetes = kubernetesEnvironment().extend({ variables: new Map([['self', dynType]]) })
const noVariables = (): undefined => undefined

function evaluate(text: string): CelValue {
  return compile(full, text).evaluate(noVariables)
}

describe('values', () => {
  test.for<[string, CelValue]>([
    ['9223372036854775807 - 1', 9223372036854775806n],
    ['[1, 2, 3].map(x, x * 2).filter(x, x > 2).size()', 2],
    ["'héllo'.size()", 5],
    ['[1, 2].all(i, v, v == i + 1)', true],
    ["{'a': {'b': 1}}.?a.?c.orValue(7)", 7],
    ['1 / 0 > 0 || true', true],
    ["duration('1h') + duration('30m') == duration('90m')", true],
    ["timestamp('2024-02-29T23:00:00Z').getHours('+02:00')", 1],
    ["'%s is %.2f'.format(['pi', 3.14159])", 'pi is 3.14'],
    ['math.greatest(1, 2.5, 2u) == 2.5', true],
    ['[3, 1, 2].sort()[0]', 1],
    ['cel.bind(x, 4, x * x)', 16],
    ["string(b'\\xc3\\xa9')", 'é'],
    ['{1: 2}[1u]', 2],
  ])('%s', ([text, want]) => {
    expect(compileUnchecked(full, text).evaluate(noVariables)).toEqual(want)
  })

  test.for([
    ['9223372036854775807 + 1', 'integer overflow'],
    ['1 % 0', 'modulus by zero'],
    ['[1][3]', 'index out of bounds: 3'],
    ["{'a': 1}['b']", 'no such key: b'],
    ["dyn('a') < 1", 'no such overload'],
  ] as const)('%s fails: %s', ([text, message]) => {
    expect(evaluate(text)).toEqual(new CelError(message))
  })
})

function issuesOf(text: string): CelCompileError['issues'] {
  try {
    compile(full, text)
  } catch (error) {
    if (error instanceof CelCompileError) return error.issues
    throw error
  }
  return []
}

describe('compile errors', () => {
  test.for([
    ['1 +', 1, 4, /^Syntax error: mismatched input '<EOF>' expecting \{'\[', /],
    ['a.b ==\n foo(', 2, 6, /^Syntax error: mismatched input '<EOF>'/],
    ["'😀' + )", 1, 7, /^Syntax error: mismatched input '\)'/],
    ['1 + foo', 1, 5, /^undeclared reference to 'foo' \(in container ''\)$/],
    ["1 + 'a'", 1, 3, /^found no matching overload for '_\+_' applied to '\(int, string\)'$/],
    ['[1].all(1, true)', 1, 9, /^argument must be a simple name$/],
  ] as const)('%j at %d:%d', ([text, line, column, message]) => {
    const [issue] = issuesOf(text)
    expect(issue).toMatchObject({ line, column })
    expect(issue?.message).toMatch(message)
  })

  test.for(['('.repeat(300) + '1', '-'.repeat(5000) + '1', '['.repeat(2000), `1${'+1'.repeat(2000)}`])(
    'an expression of absurd depth is refused, not followed (%#)',
    (text) => {
      expect(() => compile(full, text)).not.toThrow(RangeError)
    },
  )
})

describe('bounds', () => {
  test('costs are counted as Kubernetes counts them', () => {
    const program = compile(kubernetes, 'self.min <= self.max && has(self.name)')
    const self = fromJson({ min: 1, max: 2, name: 'a' })
    expect(program.run(() => self)).toEqual({ value: true, cost: 6 })
  })

  test('an evaluation that costs too much ends', () => {
    const items = fromJson(Array.from({ length: 1000 }, (_, index) => index))
    const program = compile(kubernetes, 'self.all(a, self.all(b, self.all(c, a + b + c >= 0)))')
    expect(() => program.run(() => items)).toThrow(CelCostError)
  })

  test('patterns that backtracking engines hang on take linear time', () => {
    const program = compile(kubernetes, "self.matches('(a+)+$')")
    const self = `${'a'.repeat(5000)}b`
    expect(program.evaluate(() => self)).toBe(false)
  })
})

test('numbers of protobuf structures are doubles', () => {
  const environment = fluxEnvironment().extend({ variables: new Map([['self', dynType]]) })
  const program = compile(environment, 'self.replicas == 3 && type(self.replicas) == double')
  expect(program.evaluate(() => fromJson({ replicas: 3 }, 'double'))).toBe(true)
})

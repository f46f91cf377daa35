import { seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import {
  findCommentedScalars,
  JsonError,
  parseYaml,
  printYaml,
  replaceScalars,
  YamlError,
} from '../src/index.ts'

const pieces = [
  ...Array.from('ab10-:?#,[]{}&*!|>\'"%@`~<=.\\ \n\t\r\ufeff\x85\u2028é\u{1f389}'),
  '- ',
  ': ',
  '\n  ',
  '\n- ',
  ' #',
  '---\n',
  '...\n',
  '<<: *a',
  '&a ',
  '*a',
  '!!int ',
  '!!str ',
  '|2\n',
  '>-\n',
  '? ',
  '{a: b}',
  '[x, y]',
  'yes',
  '0x1f',
  '1e3',
  '%YAML 1.1\n',
]
// The long form: SLUICE_FUZZ=100000 npx vitest run engines/yaml/test/fuzz.test.ts
const rounds = Number(process.env['SLUICE_FUZZ'] ?? 4_000)

/** A text of random pieces, or a sensible one with a few of them put into it. */
function randomText(float: () => number): string {
  const some = (count: number): string =>
    Array.from(
      { length: Math.floor(float() * count) },
      () => pieces[Math.floor(float() * pieces.length)],
    ).join('')
  if (float() < 0.5) return some(30)
  const base = 'a: &a {k: v}\nb:\n- c: "q"\n  d: |\n    text\n    more\n- *a\n# comment\ne: [1, 2.5, null]\n'
  const at = Math.floor(float() * base.length)
  return base.slice(0, at) + some(4) + base.slice(at + Math.floor(float() * 4))
}

describe('random texts', () => {
  test('are read or refused in good order, and what was read is printed and read again', () => {
    const random = seededRandom(42)
    let read = 0
    for (let round = 0; round < rounds; round += 1) {
      const text = randomText(() => random.float())
      const value = attempt(() => parseYaml(text))
      if (value === undefined) continue
      const printed = attempt(() => printYaml(value))
      if (printed === undefined) continue
      read += 1
      expect([text, parseYaml(printed)]).toEqual([text, value])
    }
    expect(read).toBeGreaterThan(rounds / 20)
  })

  test('are edited without a change elsewhere', () => {
    const random = seededRandom(43)
    let edited = 0
    for (let round = 0; round < rounds; round += 1) {
      const text = randomText(() => random.float())
      const scalars = attempt(() => findCommentedScalars(text)) ?? []
      const result = replaceScalars(
        text,
        scalars.map((scalar) => ({ scalar, value: 'new value' })),
      )
      edited += scalars.length
      const untouched = scalars.reduceRight(
        (rest, { start, end }) => rest.slice(0, start) + rest.slice(end),
        text,
      )
      expect(result.replaceAll(/new value|'new value'|"new value"/g, '').length).toBeLessThanOrEqual(
        untouched.length,
      )
    }
    expect(edited).toBeGreaterThan(10)
  })

  test('cost no more than in proportion to their length', () => {
    const units = [
      '- ',
      '[',
      'a: ',
      '? ',
      '"x" ',
      "'",
      '|\n',
      '&a ',
      '*a ',
      '# c\n',
      'x\n',
      '{a: ',
      ' \t',
      '\\"',
    ]
    const ends = units.map((unit) => {
      attempt(() => parseYaml(unit.repeat(100_000)))
      return attempt(() => parseYaml(`[${unit.repeat(50_000)}`))
    })
    expect(ends).toHaveLength(units.length)
  })
})

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof YamlError || error instanceof JsonError) return undefined
    throw error
  }
}

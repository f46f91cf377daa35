import { expect, test } from 'vitest'
import { tokenize } from './lexer.ts'
import { parseFast } from './parse-fast.ts'
import { parseRecovering } from './recovery/parse-recovering.ts'
import { CelSource, IssueList } from './source.ts'

test.for([
  'a ? b : c ? d : e',
  'a || b && !c || d',
  '1 + 2 * -3 - --x % 4',
  'a.b.c[0].d(1, "x").?e[?f]',
  '.a.b{c: 1, ?d: 2,}',
  '{?"a": 1, "b": [1, ?c,],}',
  'a < b == (c >= d)',
  '[,]',
  '{,}',
  'x in [1, 2u, 3.0, b"4", r\'5\', true, null]',
  'f(.g(), h.i())',
  '!!a.`b-c`',
])('both parsers read %s alike', (text) => {
  const { tokens } = tokenize(new CelSource(text).codePoints)
  const issues = new IssueList(new CelSource(text))
  expect(parseFast(tokens)).toEqual(parseRecovering(tokens, issues))
  expect(issues.isEmpty).toBe(true)
})

import { buildExpression, type SyntaxOptions } from './build.ts'
import type { Expression } from './expression.ts'
import { tokenize } from './lexer.ts'
import { NodeFactory } from './node-factory.ts'
import { parseFast } from './parse-fast.ts'
import { parseRecovering } from './recovery/parse-recovering.ts'
import type { IssueList } from './source.ts'

const maxCodePoints = 100_000

/** Parses an expression; what is wrong with it goes to `issues`. */
export function parseExpression(issues: IssueList, options: SyntaxOptions): Expression {
  const { codePoints } = issues.source
  if (codePoints.length > maxCodePoints) {
    const sizes = `size: ${codePoints.length}, limit ${maxCodePoints}`
    issues.report(-1, `expression code point size exceeds limit: ${sizes}`)
    return new NodeFactory().broken(-1)
  }
  const { tokens, errors } = tokenize(codePoints)
  for (const { offset, text } of errors) {
    issues.report(offset, `Syntax error: token recognition error at: '${text}'`)
  }
  const syntax = parseFast(tokens) ?? parseRecovering(tokens, issues)
  return buildExpression(syntax, issues, options)
}

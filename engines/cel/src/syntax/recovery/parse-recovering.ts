import type { IssueList } from '../source.ts'
import type { Syntax } from '../syntax-tree.ts'
import type { Token } from '../token.ts'
import { GiveUp, RecoveringParser } from './recovering-parser.ts'
import { toSyntax } from './to-syntax.ts'

/** Parses any tokens; all that is wrong with them goes to `issues`. */
export function parseRecovering(tokens: readonly Token[], issues: IssueList): Syntax {
  try {
    return toSyntax(new RecoveringParser(tokens, issues).parse())
  } catch (error) {
    if (error instanceof GiveUp) return { kind: 'broken' }
    throw error
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case, Suite } from '../../suite.ts'
import { type CrdCase, type CrdCreateCase, runCrd, runCrdCreate } from './crd.ts'
import { type ExpressionCase, runExpression } from './expressions.ts'
import { type FluxCase, runFlux } from './flux.ts'

type AnyCase = ExpressionCase | FluxCase | CrdCase | CrdCreateCase

/** Recorded evaluations of expressions: one JSON object a line, in `cases/*.jsonl`. */
export const suite: Suite = {
  *load(folder) {
    const cases = join(folder, 'cases')
    for (const file of readdirSync(cases).toSorted()) {
      if (!file.endsWith('.jsonl')) continue
      for (const line of readFileSync(join(cases, file), 'utf8').split('\n')) {
        if (line.trim() !== '') yield toCase(JSON.parse(line) as AnyCase)
      }
    }
  },
}

function toCase(recorded: AnyCase): Case {
  const feature = recorded.name.split('/')[0] ?? recorded.name
  return { name: recorded.name, features: [feature], run: () => run(recorded) }
}

function run(recorded: AnyCase): void {
  if (recorded.env === 'flux') runFlux(recorded as FluxCase)
  else if (recorded.env === 'crd') runCrd(recorded as CrdCase)
  else if (recorded.env === 'crd-create') runCrdCreate(recorded as CrdCreateCase)
  else runExpression(recorded as ExpressionCase)
}

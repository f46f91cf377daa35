import { readdirSync, readFileSync } from 'node:fs'
import type { Suite } from '../../suite.ts'
import { parseWithFractions } from './fractions.ts'
import { decodeScenario, scenarioCases } from './scenario.ts'

/** Exchanges recorded from a real API server: one file a scenario, one case a step. */
export const suite: Suite = {
  load: async function* load(folder) {
    for (const file of readdirSync(folder)
      .filter((it) => it.endsWith('.json'))
      .toSorted()) {
      const scenario = decodeScenario(parseWithFractions(readFileSync(`${folder}/${file}`, 'utf8')))
      yield* scenarioCases(scenario)
    }
  },
}

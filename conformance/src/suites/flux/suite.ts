import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Case, Mismatch, type Suite } from '../../suite.ts'
import { startEnvironment } from './environment.ts'
import { caseNames, type Outcomes, playScenario } from './scenario.ts'
import { parseSteps, type Scenario } from './steps.ts'

/** One case a recorded file of each scenario; a scenario is played when its first case runs. */
export const suite: Suite = {
  load: (folder) =>
    readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, 'STEPS.md')))
      .toSorted()
      .flatMap((name) => scenarioCases(join(folder, name), name)),
}

function scenarioCases(folder: string, name: string): Case[] {
  const scenario = parseSteps(name, readFileSync(join(folder, 'STEPS.md'), 'utf8'))
  let played: Promise<Outcomes> | undefined
  return caseNames(folder, scenario).map((caseName) => ({
    name: `${name}/${caseName}`,
    features: [name],
    run: async () => {
      played ??= play(folder, scenario)
      const outcomes = await played
      const difference = outcomes.get(caseName)
      if (!outcomes.has(caseName)) throw new Mismatch('the scenario did not get this far')
      if (difference !== undefined) throw new Mismatch(difference)
    },
  }))
}

async function play(folder: string, scenario: Scenario): Promise<Outcomes> {
  await using environment = await startEnvironment()
  return await playScenario(folder, scenario, environment)
}

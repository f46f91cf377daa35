import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Case, Mismatch, type Suite } from '../../suite.ts'
import { startEnvironment } from './environment.ts'
import type { Outcomes } from './record-step.ts'
import { caseNames, type Interlude, playScenario } from './scenario.ts'
import { parseSteps, type Scenario } from './steps.ts'

// Scenarios mostly wait for things to settle, so a few are played side by side.
const atOnce = 6

/** One case a recorded file of each scenario. A scenario is played when its first case runs, or a little ahead of it. */
export const suite: Suite = {
  realTime: true,
  load: (folder, isWanted) => {
    const scenarios = readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, 'STEPS.md')))
      .toSorted()
      .map((name) => playable(join(folder, name), name))
      .filter(({ cases }) => cases.some(isWanted))
    return scenarios.flatMap((scenario, index) =>
      scenario.cases.map(
        (name): Case => ({
          name,
          features: [scenario.name],
          run: async () => {
            for (const ahead of scenarios.slice(index, index + atOnce)) void ahead.start()
            const outcomes = await scenario.start()
            if (!outcomes.has(name)) throw new Mismatch('the scenario did not get this far')
            const difference = outcomes.get(name)
            if (difference !== undefined) throw new Mismatch(difference)
          },
        }),
      ),
    )
  },
}

/** Scenarios that were played within another one, after some of its steps, as the suite's README says. */
const within = {
  outer: '01-tutorial-gitrepository-basic-auth',
  inner: '02-tutorial-helmrelease-git-chart',
  steps: 5,
} as const

type Playable = {
  readonly name: string
  /** Full names of its cases. */
  readonly cases: readonly string[]
  /** Plays it once; later calls get the same outcomes. */
  readonly start: () => Promise<Outcomes>
}

function playable(folder: string, name: string): Playable {
  const scenario = parseSteps(name, readFileSync(join(folder, 'STEPS.md'), 'utf8'))
  let played: Promise<Outcomes> | undefined
  return {
    name,
    cases: caseNames(folder, scenario).map((it) => `${name}/${it}`),
    start: () => {
      played ??= play(folder, scenario)
      return played
    },
  }
}

async function play(folder: string, scenario: Scenario): Promise<Outcomes> {
  try {
    const recordings = dirname(folder)
    await using environment = await startEnvironment(recordings)
    const outcomes = await playScenario(scenario, {
      folder,
      environment,
      ...interludeOf(recordings, scenario),
    })
    return new Map([...outcomes].map(([name, outcome]) => [`${scenario.name}/${name}`, outcome]))
  } catch (error) {
    // Played ahead, nobody may be waiting yet: the failure is kept for the cases.
    return new Map(caseNames(folder, scenario).map((name) => [`${scenario.name}/${name}`, String(error)]))
  }
}

/** What was played in between, if the recordings have it: the one begins with the other, which ends after it. */
function interludeOf(recordings: string, { name }: Scenario): { readonly interlude?: Interlude } {
  const other = name === within.inner ? within.outer : name === within.outer ? within.inner : ''
  const folder = join(recordings, other)
  if (other === '' || !existsSync(join(folder, 'STEPS.md'))) return {}
  const { steps } = parseSteps(other, readFileSync(join(folder, 'STEPS.md'), 'utf8'))
  const interlude =
    name === within.inner
      ? { folder, steps: steps.slice(0, within.steps), at: 0 }
      : { folder, steps, at: within.steps }
  return { interlude }
}

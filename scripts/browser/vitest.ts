// Stands in for vitest in a browser: what the tests of the engines use of it, and nothing more.
import { chai, JestAsymmetricMatchers, JestChaiExpect } from '@vitest/expect'

chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

/** What became of the tests of a page; errors are told with the name of their test. */
export type Outcome = { passed: number; readonly failures: string[] }

const tests: { readonly name: string; readonly run: () => unknown }[] = []
const groups: string[] = []

export const expect: typeof chai.expect = chai.expect

export function describe(name: string, body: () => void): void {
  groups.push(name)
  body()
  groups.pop()
}

export function test(name: string, run: () => unknown): void {
  tests.push({ name: [...groups, name].join(' > '), run })
}

test.for =
  <Case>(cases: readonly Case[]) =>
  (name: string, body: (given: Case) => unknown): void => {
    for (const [index, given] of cases.entries()) test(`${name} [${index}]`, () => body(given))
  }

test.each =
  (cases: readonly unknown[]) =>
  (name: string, body: (...given: unknown[]) => unknown): void => {
    for (const [index, given] of cases.entries()) {
      test(`${name} [${index}]`, () => body(...(Array.isArray(given) ? given : [given])))
    }
  }

/** Runs all tests that the page has declared, one after the other. */
export async function runTests(): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failures: [] }
  for (const { name, run } of tests) {
    try {
      await run()
      outcome.passed += 1
    } catch (error) {
      outcome.failures.push(
        `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      )
    }
  }
  return outcome
}

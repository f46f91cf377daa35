// npm run conformance -- SUITE|all [--cases FOLDER] [--filter TEXT] [--list-failures] [--ratchet] [--update-known]
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { suites } from './registry.ts'
import { type Result, scoreboard, surprises } from './scoreboard.ts'
import type { Suite } from './suite.ts'

const shortListLength = 15
const usage = `usage: npm run conformance -- SUITE|all [options]

  SUITE            ${Object.keys(suites).join(', ')}
  --cases FOLDER   run the cases of this folder (default: ../shared/conformance/SUITE)
  --filter TEXT    only cases whose name contains TEXT
  --list-failures  print every failure, not just the first ${shortListLength}
  --ratchet        fail when a case fails that known-failures/SUITE.txt does not name, or a named one passes
  --update-known   write the failures of this run to known-failures/SUITE.txt; those that were not run stay
`
const project = fileURLToPath(new URL('../..', import.meta.url))

process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cases: { type: 'string' },
      filter: { type: 'string' },
      'list-failures': { type: 'boolean', default: false },
      ratchet: { type: 'boolean', default: false },
      'update-known': { type: 'boolean', default: false },
    },
  })
  const [name = ''] = positionals
  const names = name === 'all' ? Object.keys(suites) : [name]
  if (names.some((it) => !Object.hasOwn(suites, it))) {
    process.stderr.write(usage)
    return 1
  }
  let passed = 0
  let failed = 0
  let unexpected = 0
  for (const suiteName of names) {
    const folder = resolve(values.cases ?? `${project}../shared/conformance/${suiteName}`)
    if (!existsSync(folder)) {
      process.stdout.write(`${suiteName}: no cases at ${folder}; pass --cases FOLDER\n`)
      // The shared recordings are absent outside of the project's own machines; its fixtures must suffice there.
      if (values.ratchet) continue
      return 1
    }
    const load = suites[suiteName]
    if (!load) continue
    const suite = await load()
    const filter = values.filter ?? ''
    const results = await runSuite(suite, folder, (it) => it.includes(filter))
    if (values.ratchet && suite.realTime) await playAgain(suiteName, { suite, folder, results })
    const failures = results.filter((it) => it.failure !== undefined)
    print(suiteName, results, values['list-failures'] ? failures : failures.slice(0, shortListLength))
    passed += results.length - failures.length
    failed += failures.length
    if (values['update-known']) writeKnown(suiteName, results, { isWhole: filter === '' })
    if (values.ratchet) {
      const { failures: worse, passes: better } = ratchet(suiteName, results)
      if (!suite.realTime) unexpected += worse + better
      else if (worse > results.length / 100) unexpected += worse
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return (values.ratchet ? unexpected : failed) > 0 ? 1 : 0
}

async function runSuite(
  suite: Suite,
  folder: string,
  isWanted: (name: string) => boolean,
): Promise<Result[]> {
  const results: Result[] = []
  for await (const it of suite.load(folder, isWanted)) {
    if (!isWanted(it.name)) continue
    try {
      // Sequential: scenarios share servers, and failures must come in a stable order.
      await it.run()
      results.push({ case: it })
    } catch (error) {
      results.push({ case: it, failure: describe(error) })
    }
  }
  return results
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message.replaceAll('\n', '⏎')
  return error.name === 'Mismatch' ? message : `${error.name}: ${message}`
}

function print(name: string, results: readonly Result[], shown: readonly Result[]): void {
  const lines = [
    `# ${name}`,
    ...shown.map(({ case: it, failure }) => `✗ ${it.name}: ${failure}`),
    ...scoreboard(results),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function knownFile(name: string): string {
  return `${project}conformance/known-failures/${name}.txt`
}

/** What of a suite was not run is known to fail as it was before. */
function writeKnown(
  name: string,
  results: readonly Result[],
  { isWhole }: { readonly isWhole: boolean },
): void {
  const known = new Set(isWhole ? [] : knownFailures(name))
  for (const { case: it, failure } of results) {
    if (failure === undefined) known.delete(it.name)
    else known.add(it.name)
  }
  const names = [...known].toSorted()
  writeFileSync(knownFile(name), names.map((it) => `${it}\n`).join(''))
}

type Played = { readonly suite: Suite; readonly folder: string; readonly results: Result[] }

/** Plays what surprises once more and puts its second result in the place of the first. */
async function playAgain(name: string, { suite, folder, results }: Played): Promise<void> {
  const { newFailures, newPasses } = surprises(results, knownFailures(name))
  const names = new Set([...newFailures, ...newPasses].map(({ case: it }) => it.name))
  if (names.size === 0) return
  const second = await runSuite(suite, folder, (it) => names.has(it))
  const byName = new Map(second.map((result) => [result.case.name, result]))
  for (const [index, { case: it }] of results.entries()) {
    const again = byName.get(it.name)
    if (again) results[index] = again
  }
}

function knownFailures(name: string): ReadonlySet<string> {
  const file = knownFile(name)
  return new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])
}

function ratchet(
  name: string,
  results: readonly Result[],
): { readonly failures: number; readonly passes: number } {
  const { newFailures, newPasses } = surprises(results, knownFailures(name))
  for (const { case: it, failure } of newFailures) {
    process.stdout.write(`NEW FAILURE ${name} ${it.name}: ${failure}\n`)
  }
  for (const { case: it } of newPasses) {
    process.stdout.write(`NOW PASSES ${name} ${it.name}: remove it from known-failures/${name}.txt\n`)
  }
  return { failures: newFailures.length, passes: newPasses.length }
}

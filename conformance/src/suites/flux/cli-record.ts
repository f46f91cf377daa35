import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '@sluice/cli'
import type { Cluster } from '@sluice/cluster'
import { silentLogger } from '@sluice/ports'
import { normalizeText, type Substitutions } from './normalize.ts'

/** What recorded command lines of `flux` are run against. */
export type CliLive = {
  readonly cluster: Cluster
  readonly commits: Substitutions
  /** Where the paths of the command lines begin. */
  readonly workingDirectory: string
  /** Of the scenario. */
  readonly namespace: string
  readonly signal: AbortSignal
}

type Recorded = { readonly args: readonly string[]; readonly outcome: string }

// The slowest waits for a reconciliation.
const commandTimeoutMs = 15_000
const recordPattern = /^\$ flux (.*)\n([\s\S]*)$/

/** Records of what a command printed, which is told by their names alone; it was asked of the scenario's namespace. */
const namedCommands: ReadonlyMap<string, readonly string[]> = new Map([
  ['flux-events.txt', ['events']],
  ['flux-get.txt', ['get', 'all']],
  ['flux-trace.txt', ['trace', 'deployment', 'podinfo']],
  ['flux-tree.txt', ['tree', 'kustomization', 'podinfo']],
])

/** Whether the file holds a run of `flux`: the command, its exit code and what it printed, or only the latter. */
export function isCliRecord(folder: string, name: string): boolean {
  if (namedCommands.has(name)) return true
  return name.endsWith('.txt') && readFileSync(join(folder, name), 'utf8').startsWith('$ flux ')
}

/**
 * Runs recorded command lines in an order in which they can have been recorded: the names of their files tell nothing
 * of it. Returns the first difference of each by its name.
 */
export async function compareCliRecords(
  folder: string,
  names: readonly string[],
  live: CliLive,
): Promise<ReadonlyMap<string, string | undefined>> {
  const records = names
    .map((name) => ({ name, record: recordIn(folder, name, live) }))
    .toSorted((a, b) => stageOf(a.name, a.record) - stageOf(b.name, b.record))
  const outcomes = new Map<string, string | undefined>()
  for (const { name, record } of records) {
    // Sequential: each command meets what those before it have left.
    const got = await run(record.args, live)
    outcomes.set(name, difference(record.args, got, { want: record.outcome, commits: live.commits }))
  }
  return outcomes
}

function recordIn(folder: string, name: string, { namespace }: CliLive): Recorded {
  const text = readFileSync(join(folder, name), 'utf8')
  const named = namedCommands.get(name)
  if (!named) return readRecord(text)
  const outcome = `rc=0\n--- stdout\n${text}--- stderr\n`
  return { args: [...named, '-n', namespace], outcome }
}

function readRecord(text: string): Recorded {
  const [, command = '', outcome = ''] = recordPattern.exec(text) ?? []
  // Recorded without its quotes: only templates have spaces within.
  return { args: command.match(/(?:\{\{.*?\}\}|\S)+/g) ?? [], outcome }
}

/** Objects are created, looked at, reconciled, printed, suspended, resumed and deleted. */
function stageOf(name: string, { args: [verb, kind], args }: Recorded): number {
  if (verb === 'create') return args.includes('--export') || kind === 'source' ? 0 : 1
  if (verb === 'get') return name.includes('suspended') ? 6 : 2
  return { reconcile: 3, suspend: 5, resume: 7, delete: 8 }[verb ?? ''] ?? 4
}

async function run(args: readonly string[], { cluster, workingDirectory, signal }: CliLive): Promise<string> {
  let stdout = ''
  let stderr = ''
  const exitCode = await runProgram('flux', args, {
    log: () => silentLogger,
    context: {
      terminal: {
        out: (text) => {
          stdout += text
        },
        err: (text) => {
          stderr += text
        },
        interactive: false,
        columns: 120,
      },
      clock: { now: () => Date.now(), sleep: () => Promise.reject(new Error('no command sleeps')) },
      workingDirectory,
      environment: {},
      signal: AbortSignal.any([signal, AbortSignal.timeout(commandTimeoutMs)]),
      endsByItself: () => {},
      readInput: () => Promise.resolve(''),
      confirm: () => Promise.resolve(false),
      connect: () => Promise.resolve({ cluster, contextNamespace: undefined }),
    },
  })
  return `rc=${exitCode}\n--- stdout\n${stdout}--- stderr\n${stderr}`
}

function difference(
  args: readonly string[],
  got: string,
  { want, commits }: { readonly want: string; readonly commits: Substitutions },
): string | undefined {
  const isEvents = args[0] === 'events'
  const lines = (text: string): string[] => {
    const normal = normalizeText(text.trimEnd(), commits)
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, '<time>')
      .replace(/sha256:[0-9a-f]{8}\b/g, 'sha256:<digest>')
      .replace(/"<time>"/g, '<time>')
      .split('\n')
    return isEvents ? eventLines(normal) : normal
  }
  const gotLines = lines(got)
  const wantLines = lines(want)
  for (let at = 0; at < Math.max(gotLines.length, wantLines.length); at += 1) {
    if (gotLines[at] !== wantLines[at]) {
      return `line ${at + 1}: want ${JSON.stringify(wantLines[at])}, got ${JSON.stringify(gotLines[at])}`
    }
  }
  return undefined
}

/** Rows as a set, without their ages: how often an event came, and when, depends on the machine. */
function eventLines(lines: readonly string[]): string[] {
  const rows = lines.map((line) => {
    const cells = line.split('\t').map((cell) => cell.trim())
    return cells.length > 1 ? cells.slice(1).join(' | ') : line
  })
  return [...new Set(rows)].toSorted()
}

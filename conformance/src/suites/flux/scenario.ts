import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseYamlDocuments } from '@sluice/yaml'
import { Mismatch } from '../../suite.ts'
import { compareCliRecords, isCliRecord } from './cli-record.ts'
import type { Environment } from './environment.ts'
import { compareAnswers, type KnownArtifacts, rememberArtifacts } from './gone-artifacts.ts'
import { editReleaseRecord } from './helm-record.ts'
import type { Kubectl } from './kubectl.ts'
import { compareRecorded, recordedFiles } from './record.ts'
import type { Scenario, Step } from './steps.ts'
import { unwritten } from './unwritten.ts'

/** Outcome of one comparison or step by its name; `undefined` where ours equals the recorded one. */
export type Outcomes = ReadonlyMap<string, string | undefined>

/** Names of the cases of a scenario, known before it runs: one a recorded file, one for what the steps say. */
export function caseNames(folder: string, { steps }: Scenario): string[] {
  const records = steps
    .filter((step) => step.kind === 'record')
    .flatMap(({ name }) => recordedFiles(join(folder, 'expected', name)).map((file) => `${name}/${file}`))
  return ['steps', ...records]
}

/** Steps of another scenario that were made between two of this one's. */
export type Interlude = {
  readonly folder: string
  readonly steps: readonly Step[]
  /** How many steps of this one come before. */
  readonly at: number
}

/** Plays a scenario against a fresh environment and compares each record where it stands. */
export async function playScenario(
  scenario: Scenario,
  {
    folder,
    environment,
    interlude,
  }: { readonly folder: string; readonly environment: Environment; readonly interlude?: Interlude },
): Promise<Outcomes> {
  const outcomes = new Map<string, string | undefined>()
  const problems: string[] = []
  const common = {
    scenario,
    environment,
    commits: new Map<string, string>(),
    requested: new Set<string>(),
    artifacts: new Map<string, string>(),
    outcomes,
  }
  await environment.kubectl(['create', 'namespace', scenario.namespace])
  const play = async (step: Step, place: { readonly folder: string; readonly afterRecord: boolean }) => {
    const problem = await playStep(step, { ...common, ...place })
    if (problem !== undefined) problems.push(problem)
  }
  for (const [at, step] of scenario.steps.entries()) {
    // Sequential by nature: each step builds on the state that the one before left.
    const inBetween = interlude?.at === at ? interlude.steps.filter(({ kind }) => kind !== 'record') : []
    for (const other of inBetween) {
      await play(other, { folder: interlude?.folder ?? folder, afterRecord: false })
    }
    await play(step, { folder, afterRecord: scenario.steps[at - 1]?.kind === 'record' })
  }
  outcomes.set('steps', problems.length > 0 ? problems.join(' | ') : undefined)
  return outcomes
}

type Play = {
  readonly folder: string
  readonly scenario: Scenario
  readonly environment: Environment
  readonly commits: Map<string, string>
  /** Objects that were asked to be reconciled. */
  readonly requested: Set<string>
  readonly artifacts: KnownArtifacts
  readonly outcomes: Map<string, string | undefined>
  /** Whether the step before was a record: what came between them happened by itself. */
  readonly afterRecord: boolean
}

async function playStep(step: Step, play: Play): Promise<string | undefined> {
  const { folder, scenario, environment, commits } = play
  switch (step.kind) {
    case 'commit':
      commits.set(commitTree(join(folder, step.tree), step, environment), step.sha)
      return undefined
    case 'kubectl':
      return toolStep(environment.kubectl, step, play)
    case 'annotate':
      return annotate(step.object, [`${step.key}=${environment.now()}`], play, step.namespace)
    case 'request':
      return annotate(
        step.object,
        step.annotations.map((key) => `${key}=${step.token}`),
        play,
      )
    case 'helm':
      return toolStep(environment.helm, step, play)
    case 'releaseRecord':
      await editReleaseRecord(step.edit, { ...environment, namespace: scenario.namespace })
      return undefined
    case 'push':
      for (const image of scannedImages(join(folder, 'input'))) {
        // One registry: what it holds first is what the next push finds.
        await environment.pushImage(image, step.tag)
      }
      return undefined
    case 'record':
      await (play.afterRecord ? environment.change() : environment.settle())
      await compareAll(step.name, play)
      for (const { object } of unwritten.filter(
        (it) => it.scenario === scenario.name && it.after === step.name,
      )) {
        environment.putObject(object.key, object.content)
      }
      return undefined
    case 'unsupported':
      return `not supported: ${step.text.slice(0, 60)}`
  }
}

async function annotate(
  object: string,
  annotations: readonly string[],
  { environment, scenario, requested }: Play,
  namespace: string = scenario.namespace,
): Promise<string | undefined> {
  requested.add(object)
  const args = ['annotate', '--overwrite', '-n', namespace, object, ...annotations]
  const { exitCode, stderr } = await environment.kubectl(args)
  await environment.settle()
  return exitCode === 0 ? undefined : stderr
}

async function toolStep(
  tool: Kubectl,
  step: Step & { readonly kind: 'kubectl' | 'helm' },
  { folder, environment }: Play,
): Promise<string | undefined> {
  const { exitCode, stderr } = await tool(step.args, { cwd: folder })
  // The next step was recorded after the controllers had taken notice of this one.
  await environment.notice()
  if (step.expectedError === undefined) return exitCode === 0 ? undefined : `${step.kind} failed: ${stderr}`
  const want = step.expectedError.replaceAll('\\n', '\n').trim()
  return exitCode !== 0 && stderr.trim() === want ? undefined : `want error ${want}, got ${stderr.trim()}`
}

async function compareAll(
  record: string,
  { folder, scenario, environment, commits, requested, artifacts, outcomes }: Play,
): Promise<void> {
  const expected = join(folder, 'expected', record)
  const { namespace } = scenario
  const files = recordedFiles(expected)
  // They come first: what else is recorded is the state that they leave.
  const commands = files.filter((file) => isCliRecord(expected, file))
  if (commands.length > 0) {
    const { cluster, signal } = environment
    const run = { cluster, signal, commits, workingDirectory: folder, namespace: scenario.namespace }
    for (const [file, outcome] of await compareCliRecords(expected, commands, run)) {
      outcomes.set(`${record}/${file}`, outcome)
    }
    await environment.settle()
  }
  if (files.includes('http.txt')) {
    const compare = (): Promise<string | undefined> =>
      compareAnswers(expected, artifacts, { environment, namespace })
    outcomes.set(`${record}/http.txt`, await outcomeOf(compare))
  }
  await rememberArtifacts(artifacts, environment, namespace)
  for (const file of files.filter((it) => !commands.includes(it) && it !== 'http.txt')) {
    // Sequential: reading must not race with itself for the same connection.
    outcomes.set(
      `${record}/${file}`,
      await outcomeOf(() =>
        compareRecorded(expected, file, {
          cluster: environment.cluster,
          kubectl: environment.kubectl,
          helm: environment.helm,
          namespace: scenario.namespace,
          commits,
          requested,
          fetchArtifact: environment.fetchArtifact,
          artifactDirectory: environment.artifactDirectory,
          gitDirectory: environment.gitDirectory,
          signal: environment.signal,
        }),
      ),
    )
  }
}

/** Images that the ImageRepositories of a scenario's manifests name. */
function scannedImages(folder: string): ReadonlySet<string> {
  const manifests = recordedFiles(folder)
    .filter((file) => /^[^/]+\.ya?ml$/.test(file))
    .flatMap((file) => parseYamlDocuments(readFileSync(join(folder, file), 'utf8')))
  const images = manifests.flatMap(({ value }) => {
    const { kind, spec } = (value ?? {}) as { readonly kind?: string; readonly spec?: { image?: string } }
    return kind === 'ImageRepository' && spec?.image !== undefined ? [spec.image] : []
  })
  return new Set(images)
}

async function outcomeOf(compare: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await compare()
  } catch (error) {
    if (error instanceof Mismatch) return error.message
    return String(error)
  }
}

/** Makes the tree the next commit of the repository and pushes it. Returns the commit. */
function commitTree(
  tree: string,
  { repository, branch, tag, message }: Step & { readonly kind: 'commit' },
  { gitDirectory }: Environment,
): string {
  const bare = join(gitDirectory, `${repository}.git`)
  const work = join(gitDirectory, `${repository}.work`)
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Lab', '-c', 'user.email=lab@example.com', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  if (!existsSync(work)) {
    mkdirSync(work, { recursive: true })
    execFileSync('git', ['init', '--quiet', '--bare', `--initial-branch=${branch}`, bare])
    git('init', '--quiet', `--initial-branch=${branch}`)
  }
  // Controllers push too: what comes next goes on top of that.
  if (git('ls-remote', '--heads', bare, branch) !== '') {
    git('fetch', '--quiet', bare, branch)
    git('reset', '--quiet', '--soft', 'FETCH_HEAD')
  }
  for (const name of readdirSync(work).filter((it) => it !== '.git')) {
    rmSync(join(work, name), { recursive: true })
  }
  cpSync(tree, work, { recursive: true, verbatimSymlinks: true })
  git('add', '--all', '--force')
  git('commit', '--quiet', '--allow-empty', '-m', message)
  if (tag !== undefined) git('tag', tag)
  git(
    'push',
    '--quiet',
    bare,
    `HEAD:refs/heads/${branch}`,
    ...(tag === undefined ? [] : [`refs/tags/${tag}`]),
  )
  return git('rev-parse', 'HEAD')
}

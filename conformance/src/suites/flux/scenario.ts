import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseYamlDocuments } from '@sluice/yaml'
import type { Environment } from './environment.ts'
import { editReleaseRecord } from './helm-record.ts'
import type { Kubectl } from './kubectl.ts'
import { recordedFiles } from './record.ts'
import { followRecorded, type Outcomes, type Play, playRecord } from './record-step.ts'
import { recordedApi, withOurApi } from './recorded-api.ts'
import type { Scenario, Step } from './steps.ts'
import { Moments } from './timeline/moments.ts'
import { unwritten } from './unwritten.ts'

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
  const inputs = withOurApi(folder, environment.scratch, environment.api)
  const common = {
    folder,
    scenario,
    environment,
    inputs,
    commits: new Map([[environment.api.url, recordedApi.url]]),
    requested: new Set<string>(),
    artifacts: new Map<string, string>(),
    moments: new Moments(environment.timeline),
    endsAt: Date.now() + scenario.tookMs,
    outcomes,
  }
  await environment.kubectl(['create', 'namespace', scenario.namespace])
  let isApplied = false
  const play = async (step: Step, place: Play): Promise<void> => {
    // Manifests were applied one after the other; what was done to what came of them was done to what was at rest.
    if (isApplied && isInterference(step)) {
      await environment.settle()
      isApplied = false
    }
    isApplied = isManifest(step) || (isApplied && step.kind !== 'record')
    const problem = await playStep(step, place)
    if (problem !== undefined) problems.push(problem)
  }
  for (const [at, step] of scenario.steps.entries()) {
    // Sequential by nature: each step builds on the state that the one before left.
    for (const other of interlude?.at === at ? interlude.steps : []) {
      // What was recorded there is compared where that scenario is played; it was recorded when all was at rest.
      if (other.kind === 'record') await environment.settle()
      else await play(other, { ...common, inputs: interlude?.folder ?? folder })
    }
    await followRecorded(common)
    await play(step, common)
  }
  outcomes.set('steps', problems.length > 0 ? problems.join(' | ') : undefined)
  return outcomes
}

function isManifest(step: Step): boolean {
  return step.kind === 'kubectl' && step.args.includes('apply')
}

/** Whether somebody does something to objects that are there. */
function isInterference(step: Step): boolean {
  return !isManifest(step) && step.kind !== 'record' && step.kind !== 'commit'
}

async function playStep(step: Step, play: Play): Promise<string | undefined> {
  const { inputs, scenario, environment, commits } = play
  switch (step.kind) {
    case 'commit':
      commits.set(commitTree(join(inputs, step.tree), step, environment), step.sha)
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
      for (const image of scannedImages(join(inputs, 'input'))) {
        // One registry: what it holds first is what the next push finds.
        await environment.pushImage(image, step.tag)
      }
      return undefined
    case 'record':
      await playRecord(step.name, play)
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
  await environment.notice()
  return exitCode === 0 ? undefined : stderr
}

async function toolStep(
  tool: Kubectl,
  step: Step & { readonly kind: 'kubectl' | 'helm' },
  { inputs, environment }: Play,
): Promise<string | undefined> {
  const { exitCode, stderr } = await tool(step.args, { cwd: inputs })
  // The next step was recorded after the controllers had taken notice of this one.
  await environment.notice()
  if (step.expectedError === undefined) return exitCode === 0 ? undefined : `${step.kind} failed: ${stderr}`
  const want = step.expectedError.replaceAll('\\n', '\n').trim()
  return exitCode !== 0 && stderr.trim() === want ? undefined : `want error ${want}, got ${stderr.trim()}`
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

import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from '../cli-error.ts'
import type { ServedRepository } from './git-server.ts'
import { type RegistryContent, readRegistryContent } from './registry-content.ts'
import type { StateDirectory } from './state-directory.ts'

/** What `sluice up` starts with: repositories to serve, and manifests to apply at the first start. */
export type Workspace = {
  /** Names what it is, so that one state directory is never used for two. */
  readonly origin: string
  readonly repositories: ReadonlyMap<string, ServedRepository>
  /** What the registry holds at first. */
  readonly registryContent: readonly RegistryContent[]
  /** Who may log in at the Git server and the registry. */
  readonly username: string
  /** YAML texts, applied in order into `namespace` where they name none. */
  readonly manifests: (git: { readonly gitUrl: string; readonly password: string }) => readonly string[]
  readonly namespace: string
  /** The repository that the banner's commands are about, such as `cnych/k8s-demo-config`. */
  readonly repository: string
  /** Hosts in URLs that lead to this machine's Git server. */
  readonly mirroredHosts: readonly string[]
  /** Name of the Kustomization that applies the repository. */
  readonly kustomization: string
  /** An image of the registry whose new tags are committed to the repository and deployed from there. */
  readonly image?: DeployedImage
}

/** An image by its path in the registry and a tag that it has. */
export type DeployedImage = { readonly repository: string; readonly tag: string }

const exampleOwner = 'cnych'
const exampleHost = 'gitlab.k8s.local'

/** @throws {CliError} when `git` is not installed. */
export function requireGit(): void {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new CliError('git was not found; the local Git server needs it', {
      nextStep: 'install git (https://git-scm.com/downloads) and start again',
      cause,
    })
  }
}

/** The tutorial: bare repositories made once from the files of `examples/tutorial`, and its manifests. */
export function tutorialWorkspace(state: StateDirectory): Workspace {
  const examples = exampleDirectory('tutorial')
  const sources = join(examples, 'repositories')
  const repositories = new Map(
    readdirSync(sources).map((name) => [
      `${exampleOwner}/${name}`,
      { directory: bareRepository(join(sources, name), state.file('git', exampleOwner)), writable: true },
    ]),
  )
  return {
    origin: 'the tutorial',
    repositories,
    registryContent: readRegistryContent(exampleDirectory('registry')),
    username: exampleOwner,
    manifests: ({ password }) =>
      readdirSync(join(examples, 'manifests'))
        .toSorted()
        .map((name) =>
          readFileSync(join(examples, 'manifests', name), 'utf8').replaceAll('<gl-token>', password),
        ),
    namespace: 'default',
    repository: `${exampleOwner}/k8s-demo-config`,
    mirroredHosts: [exampleHost],
    kustomization: 'k8s-demo',
    image: { repository: `${exampleOwner}/devops-demo`, tag: 'latest' },
  }
}

/** A folder of `examples` of this installation, whether it runs from the bundle or from its sources. */
function exampleDirectory(name: string): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'examples', name))) {
    const parent = dirname(directory)
    if (parent === directory) throw new CliError('the example is missing from this installation of Sluice')
    directory = parent
  }
  return join(directory, 'examples', name)
}

/** A repository of the person's own: served as it is, never written to. @throws {CliError} when it is none */
export function localWorkspace(path: string): Workspace {
  const directory = topLevel(resolve(path))
  const name = kubernetesName(basename(directory))
  const branch = currentBranch(directory)
  return {
    origin: directory,
    repositories: new Map([[name, { directory, writable: false }]]),
    registryContent: [],
    username: 'sluice',
    manifests: ({ gitUrl, password }) => [
      localManifest({ name, branch, url: `${gitUrl}/${name}`, password }),
    ],
    namespace: 'flux-system',
    repository: name,
    mirroredHosts: [],
    kustomization: name,
  }
}

function localManifest(options: {
  readonly name: string
  readonly branch: string
  readonly url: string
  readonly password: string
}): string {
  const { name, branch, url, password } = options
  return `apiVersion: v1
kind: Secret
metadata:
  name: ${name}
stringData:
  username: sluice
  password: ${password}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: ${name}
spec:
  interval: 5s
  url: ${url}
  ref:
    branch: ${JSON.stringify(branch)}
  secretRef:
    name: ${name}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
spec:
  interval: 10m
  sourceRef:
    kind: GitRepository
    name: ${name}
  path: ./
  prune: true
  wait: true
  timeout: 2m
`
}

function topLevel(path: string): string {
  try {
    return git(path, 'rev-parse', '--show-toplevel')
  } catch (cause) {
    throw new CliError(`${path} is not a Git repository`, {
      nextStep: 'make it one with `git init` and a first commit, or name another path',
      cause,
    })
  }
}

/** @throws {CliError} when nothing is checked out or committed yet. */
function currentBranch(directory: string): string {
  try {
    git(directory, 'rev-parse', '--verify', '--quiet', 'HEAD')
    return git(directory, 'symbolic-ref', '--short', 'HEAD')
  } catch (cause) {
    throw new CliError(`${directory} has no commit on a branch`, {
      nextStep: 'commit something on a branch and start again',
      cause,
    })
  }
}

function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-c', 'safe.directory=*', '-C', directory, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}

function kubernetesName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'repository' : name.slice(0, 63)
}

/** Makes `<into>/<name>.git` with one commit of the files in `source`; leaves an existing one alone. */
function bareRepository(source: string, into: string): string {
  const bare = join(into, `${basename(source)}.git`)
  if (existsSync(bare)) return bare
  mkdirSync(into, { recursive: true })
  const work = mkdtempSync(join(tmpdir(), 'sluice-example-'))
  try {
    cpSync(source, work, { recursive: true })
    git(work, 'init', '--quiet', '--initial-branch=main')
    git(work, 'add', '--all')
    git(
      work,
      '-c',
      'user.name=Sluice',
      '-c',
      'user.email=sluice@localhost',
      'commit',
      '--quiet',
      '-m',
      'The application, as it is first deployed',
    )
    const partial = `${bare}.partial`
    rmSync(partial, { recursive: true, force: true })
    git(work, 'clone', '--quiet', '--bare', work, partial)
    // Renamed when complete: a process killed in between leaves nothing that looks like a repository.
    renameSync(partial, bare)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return bare
}

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { directoryUnder, gitHttpHandler } from '../src/server/git-http-server.ts'

/** Users with the password `s3cret`; apps of GitHub log in as the second. */
const userNames = new Set(['me', 'x-access-token'])

/** A repository made by the real Git, for tests. */
export type TestRepository = {
  readonly path: string
  readonly git: (...args: readonly string[]) => string
  /** Writes files (`null` removes one), commits, and returns the commit. */
  readonly commit: (message: string, files: Readonly<Record<string, string | null>>, date?: string) => string
}

export type TestGit = {
  readonly url: string
  readonly root: string
  readonly create: (name: string, options?: { readonly objectFormat?: string }) => TestRepository
  readonly close: () => void
}

/** Serves repositories below `/pub` to everyone and below `/private` to `me`/`s3cret`, by the real `git http-backend`. */
export async function startTestGit(
  wrap: (inner: RequestListener) => RequestListener = (it) => it,
): Promise<TestGit> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-git-'))
  const handler = gitHttpHandler({
    locate: (path) => directoryUnder(root, `${path}/.git`),
    authorize: (path, user) =>
      path.startsWith('/pub/') || (userNames.has(user?.name ?? '') && user?.password === 's3cret')
        ? 'write'
        : 'none',
  })
  const server: Server = createServer(wrap(handler))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    root,
    create: (name, options) => createRepository(join(root, name), options),
    close: () => {
      server.closeAllConnections()
      server.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function createRepository(path: string, { objectFormat = 'sha1' } = {}): TestRepository {
  mkdirSync(path, { recursive: true })
  const env = {
    PATH: process.env['PATH'],
    HOME: path,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_DATE: '2023-09-01T10:00:00Z',
    GIT_COMMITTER_DATE: '2023-09-01T10:00:00Z',
  }
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
      cwd: path,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  git('init', '-q', '-b', 'main', `--object-format=${objectFormat}`)
  return {
    path,
    git,
    commit: (message, files, date = '2023-09-01T10:00:00Z') => {
      for (const [name, content] of Object.entries(files)) {
        const at = join(path, name)
        mkdirSync(dirname(at), { recursive: true })
        if (content === null) rmSync(at)
        else writeFileSync(at, content)
      }
      git('add', '-A')
      env.GIT_COMMITTER_DATE = date
      git('commit', '-q', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
  }
}

import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

type GitCommand = (...args: readonly string[]) => string

/**
 * What a record such as `git-log-app-auto-update.txt` shows: the log of branch `auto/update` of repository `app`. Nothing
 * when there is no such branch.
 *
 * @param directory of the bare repositories
 */
export function gitLog(directory: string, record: string): string | undefined {
  const [, place = ''] = /^git-log-(.*)\.txt$/.exec(record) ?? []
  for (const [repository, git] of repositoriesIn(directory)) {
    if (!place.startsWith(`${repository}-`)) continue
    const branches = git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads').split('\n')
    const branch = branches.find((it) => it.replaceAll('/', '-') === place.slice(repository.length + 1))
    if (branch) return git('log', '-p', '--format=fuller', `refs/heads/${branch}`)
  }
  return undefined
}

/** The content of the commit at a branch's head, whichever repository has that branch. */
export function commitObject(directory: string, branch: string): string | undefined {
  const name = `refs/heads/${branch}`
  const found = repositoriesIn(directory).find(([, git]) => git('for-each-ref', name) !== '')
  return found?.[1]('cat-file', 'commit', name)
}

function repositoriesIn(directory: string): readonly (readonly [name: string, git: GitCommand])[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.git'))
    .map((name) => [
      name.slice(0, -'.git'.length),
      (...args) => execFileSync('git', ['-C', join(directory, name), ...args], { encoding: 'utf8' }),
    ])
}

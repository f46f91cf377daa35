import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a record such as `git-log-app-auto-update.txt` shows: the log of branch `auto/update` of repository `app`. Nothing
 * when there is no such branch.
 *
 * @param directory of the bare repositories
 */
export function gitLog(directory: string, record: string): string | undefined {
  const [, place = ''] = /^git-log-(.*)\.txt$/.exec(record) ?? []
  for (const name of readdirSync(directory)) {
    const repository = name.replace(/\.git$/, '')
    if (repository === name || !place.startsWith(`${repository}-`)) continue
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-C', join(directory, name), ...args], { encoding: 'utf8' })
    const branches = git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads').split('\n')
    const branch = branches.find((it) => it.replaceAll('/', '-') === place.slice(repository.length + 1))
    if (branch) return git('log', '-p', '--format=fuller', `refs/heads/${branch}`)
  }
  return undefined
}

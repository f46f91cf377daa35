import { GitError } from '../git-error.ts'

/** What moves where: `+refs/heads/a:refs/heads/b`, with one `*` on both sides or none; no source removes. */
export type Refspec = {
  /** Full name or commit; empty removes the destination. */
  readonly source: string
  readonly destination: string
  readonly force: boolean
}

/**
 * Reads a refspec for a push.
 *
 * Source: https://git-scm.com/docs/git-push#_options; texts of github.com/go-git/go-git config, RefSpec.Validate.
 * @throws {GitError} `GIT_INVALID_INPUT`
 */
export function parseRefspec(text: string): Refspec {
  const [left = '', destination = '', ...rest] = text.split(':')
  if (destination === '' || rest.length > 0) {
    throw new GitError('GIT_INVALID_INPUT', 'malformed refspec, separators are wrong')
  }
  const [stars, destinationStars] = [countStars(left), countStars(destination)]
  if (stars !== destinationStars || stars > 1) {
    throw new GitError('GIT_INVALID_INPUT', 'malformed refspec, mismatched number of wildcards')
  }
  const force = left.startsWith('+')
  return { source: force ? left.slice(1) : left, destination, force }
}

/** Where a refspec moves the reference `name`; nothing when it does not. */
export function destinationOf({ source, destination }: Refspec, name: string): string | undefined {
  const star = source.indexOf('*')
  if (star < 0) return name === source ? destination : undefined
  const [before, after] = [source.slice(0, star), source.slice(star + 1)]
  const fits = name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)
  const part = name.slice(before.length, name.length - after.length)
  return fits ? destination.replace('*', () => part) : undefined
}

function countStars(side: string): number {
  return side.split('*').length - 1
}

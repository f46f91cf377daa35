/** A place in a Git repository, as a resource may name it. */
export type RepoUrl = {
  /** What to clone. */
  readonly repo: string
  /** The directory within the repository. */
  readonly path: string
  /** Branch, tag or commit; empty for the default. */
  readonly ref: string
}

const schemes = ['ssh://', 'https://', 'http://', 'file://']

/**
 * Takes a URL or path apart; `undefined` when it does not look like a Git repository.
 *
 * Source: kustomize, api/internal/git/repospec.go.
 */
export function parseRepoUrl(text: string): RepoUrl | undefined {
  if (text.startsWith('/')) return undefined
  const [location, query] = splitOnce(text, '?')
  const host = splitHost(location.replace(/^git::/i, ''))
  if (!host) return undefined
  const parts = splitRepo(host.rest, host.prefix === 'file://')
  if (!parts || parts.repo === '') return undefined
  const path = parts.path.replace(/^\//, '')
  if (leavesRepo(path)) return undefined
  return { repo: host.prefix + parts.repo, path, ref: refOf(query) }
}

/** Whether `path` is fetched by HTTP as a file. */
export function isRemoteFile(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

function splitHost(text: string): { prefix: string; rest: string } | undefined {
  const lower = text.toLowerCase()
  const scheme = schemes.find((it) => lower.startsWith(it)) ?? ''
  const afterScheme = text.slice(scheme.length)
  const user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(afterScheme)?.[0] ?? ''
  const hostPath = afterScheme.slice(user.length)
  const isGithub = /^github\.com[/:]/i.test(hostPath)
  const likeScp = scheme === '' && (user !== '' || isGithub)
  if (scheme === '' && !likeScp) return undefined
  if (scheme === 'file://') return { prefix: scheme, rest: user + hostPath }
  let at = hostPath.indexOf('/')
  const colon = hostPath.indexOf(':')
  if (likeScp && (at < 0 || (colon > 0 && colon < at))) at = colon
  const host = at < 0 ? hostPath : hostPath.slice(0, at + 1)
  const rest = at < 0 ? '' : hostPath.slice(at + 1)
  if (isGithub) {
    const ssh = scheme === 'ssh://' || user !== ''
    return { prefix: ssh ? `${user}github.com:` : 'https://github.com/', rest }
  }
  return host === '' ? undefined : { prefix: scheme + user + host, rest }
}

function splitRepo(text: string, whole: boolean): { repo: string; path: string } | undefined {
  const azure = text.indexOf('_git/')
  if (azure >= 0) {
    const [first = '', ...rest] = text.slice(azure + 5).split('/')
    return { repo: text.slice(0, azure + 5) + first, path: rest.join('/') }
  }
  const double = text.indexOf('//')
  if (double >= 0) return { repo: text.slice(0, double), path: text.slice(double + 2) }
  const git = text.indexOf('.git')
  if (git >= 0) return { repo: text.slice(0, git + 4), path: text.slice(git + 4) }
  if (whole) return { repo: text, path: '' }
  const segments = text.split('/')
  if (segments.length < 2) return undefined
  return { repo: segments.slice(0, 2).join('/'), path: segments.slice(2).join('/') }
}

function leavesRepo(path: string): boolean {
  let depth = 0
  for (const part of path.split('/')) {
    if (part === '..') depth -= 1
    else if (part !== '' && part !== '.') depth += 1
    if (depth < 0) return true
  }
  return false
}

function refOf(query: string): string {
  const values = new Map(query.split('&').map((it) => splitOnce(it, '=')))
  return values.get('ref') || values.get('version') || ''
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

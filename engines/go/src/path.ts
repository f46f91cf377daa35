// Slash-separated paths as Go's packages path and path/filepath (on Unix) treat them.

/** The shortest equal path: without empty, `.` and inner `..` parts. Source: https://pkg.go.dev/path#Clean */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push(part)
  }
  const joined = kept.join('/')
  if (rooted) return `/${joined}`
  return joined === '' ? '.' : joined
}

/** The last part of a path. Source: https://pkg.go.dev/path#Base */
export function pathBase(path: string): string {
  if (path === '') return '.'
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** All but the last part of a path. Source: https://pkg.go.dev/path#Dir */
export function pathDir(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1))
}

/** What follows the last dot of the last part, with the dot. Source: https://pkg.go.dev/path#Ext */
export function pathExt(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

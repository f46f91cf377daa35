import type { JsonValue } from '@sluice/ports'

/** Replacements that turn our volatile values into the recorded ones: our commit → the recorded commit. */
export type Substitutions = ReadonlyMap<string, string>

const volatileFields = new Set([
  'resourceVersion',
  'uid',
  'size',
  'lastUpdateTime',
  'lastTransitionTime',
  'creationTimestamp',
  'lastHandledReconcileAt',
  'firstReconciled',
  'lastReconciled',
  'lastReconciledDuration',
  'clusterIP',
  'digest',
  'lastPushCommit',
  'reconcile.fluxcd.io/requestedAt',
  'reconcile.fluxcd.io/forceAt',
  'reconcile.fluxcd.io/resetAt',
])

/** Replaces what differs from run to run in a text by placeholders. */
export function normalizeText(text: string, commits: Substitutions): string {
  let result = text
  for (const [ours, recorded] of commits) {
    // Whole, in the version of a chart, and abbreviated.
    for (const length of [ours.length, 12, 8]) {
      result = result.replaceAll(ours.slice(0, length), recorded.slice(0, length))
    }
  }
  const known = new Set(commits.values())
  return (
    result
      // Commits that controllers made.
      .replace(/\b[0-9a-f]{40}\b/g, (commit) => (known.has(commit) ? commit : '<commit>'))
      .replace(/(?<=pushed commit ')[0-9a-f]{7}(?=')/g, '<commit>')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>')
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>')
      .replace(/sha256:[0-9a-f]{64}/g, 'sha256:<digest>')
      .replace(/\bindex-[0-9a-f]{64}\.yaml/g, 'index-<digest>.yaml')
      .replace(/\bkube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-<suffix>')
      .replace(/\bof size [\d.]+[kM]?B\b/g, 'of size <size>')
      // Where a controller unpacked something; ours works in memory.
      .replace(/\/tmp\/[\w.-]*\d{5,}\/?(?:source\/)?/g, '')
      .replace(/\b\d+(?:\.\d+)?(?:ms|µs|s)\b(?=$|[\s,.;:'")])/g, (duration) =>
        // Configured durations are whole (`20s`); measured ones have a fraction or are below a second.
        /^\d+s$/.test(duration) ? duration : '<duration>',
      )
      .replace(/\b\d+m\d+(?:\.\d+)s\b/g, '<duration>')
      .replace(/(?<=check (?:passed in|failed after) )\d+s/g, '<duration>')
      // Flux names what it waited for in the order of a Go map.
      .replace(/(?<=timeout waiting for: \[|failed early due to stalled resources: \[)[^\]]+/g, (items) =>
        items
          .split(/, (?=\w+\/)/)
          .toSorted()
          .join(', '),
      )
  )
}

/** Normalizes all texts of a JSON value and replaces volatile fields. */
export function normalizeJson(value: unknown, commits: Substitutions): JsonValue {
  if (typeof value === 'string') return normalizeText(value, commits)
  if (Array.isArray(value)) return value.map((item) => normalizeJson(item, commits))
  if (typeof value !== 'object' || value === null) return value as JsonValue
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      normalizeText(key, commits),
      volatileFields.has(key) && typeof item !== 'object' ? `<${key}>` : normalizeJson(item, commits),
    ]),
  )
}

/** The text of `git log -p --format=fuller` without what names times and contents. */
export function normalizeGitLog(text: string, commits: Substitutions): string {
  return normalizeText(text, commits)
    .replace(/^(AuthorDate|CommitDate): .*$/gm, '$1: <time>')
    .replace(/^index [0-9a-f]+\.\.[0-9a-f]+/gm, 'index <blobs>')
    .trimEnd()
}

/** A commit without what names times and contents. */
export function normalizeCommit(text: string, commits: Substitutions): string {
  return normalizeText(text, commits)
    .replace(/^tree .*$/m, 'tree <tree>')
    .replace(/^((?:author|committer) .*>) (?:\d+|<unix>) /gm, '$1 <unix> ')
    .replace(/(?<=^gpgsig -----BEGIN (\w+) SIGNATURE-----\n)[^]*?(?=^ -----END)/m, ' <signature>\n')
}

/** Lines of a `kubectl get` table without padding and ages. */
export function normalizeTable(text: string, commits: Substitutions): string {
  const lines = text.split('\n')
  let ageColumn = -1
  let isAgeLast = false
  return lines
    .map((line) => {
      const cells = line.trimEnd().split(/\s{2,}/)
      const at = cells.indexOf('AGE')
      if (at >= 0) {
        ageColumn = at
        isAgeLast = at === cells.length - 1
      } else if (ageColumn >= 0 && !line.startsWith('$') && cells.length > 1) {
        // Empty cells are nowhere to be seen, so only the last column can be counted on.
        const age = isAgeLast ? cells.length - 1 : ageColumn
        if (cells[age] !== undefined) cells[age] = '<age>'
      }
      // Recordings have a time at the end of a line cut off like an age, whatever it tells.
      return normalizeText(cells.join('  '), commits).replace(/(?<= )(?:\d+[dhms])+$/, '<age>')
    })
    .join('\n')
    .trimEnd()
}

/** The first difference between two JSON values as `path: want …, got …`, or `undefined` when they are equal. */
export function firstDifference(
  got: JsonValue | undefined,
  want: JsonValue | undefined,
  path = '',
): string | undefined {
  if (got === want) return undefined
  if (Array.isArray(got) && Array.isArray(want)) {
    for (let i = 0; i < Math.max(got.length, want.length); i += 1) {
      const difference = firstDifference(got[i], want[i], `${path}[${i}]`)
      if (difference !== undefined) return difference
    }
    return undefined
  }
  if (isObject(got) && isObject(want)) {
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
      const difference = firstDifference(got[key], want[key], path === '' ? key : `${path}.${key}`)
      if (difference !== undefined) return difference
    }
    return undefined
  }
  return `${path}: want ${show(want)}, got ${show(got)}`
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? '<absent>' : JSON.stringify(value).slice(0, 400)
}

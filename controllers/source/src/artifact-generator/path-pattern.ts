import { checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '@sluice/cel'
import { compileRegexp, type GoRegexp, quote, quoteMeta } from '@sluice/go'
import { type FileTree, ToolkitError } from '@sluice/ports'
import type { ArtifactGeneratorSpec, GeneratorArtifact } from '@sluice/toolkit'
import { walk } from './copy/walk.ts'

/** An artifact to make, with the labels that its directory's captures give it. */
export type ArtifactRequest = GeneratorArtifact & { readonly labels: Readonly<Record<string, string>> }

/** A path pattern, or what it finds, gives no artifacts; only a change of object or source helps. */
export class PathPatternProblem extends ToolkitError {
  override readonly name = 'PathPatternProblem'

  constructor(message: string) {
    super('PATH_PATTERN_PROBLEM', message)
  }
}

/** Artifacts of one object: a pattern can match every directory of a large source. */
const maxArtifacts = 10_000
const captureName = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * The artifacts that an ArtifactGenerator asks for: as they are, or for each directory that the path pattern matches, with
 * its captures filled in. In names and labels captures are in lower case, in paths as they were found.
 *
 * Source: fluxcd/source-watcher 2.2.
 * @throws {PathPatternProblem}
 */
export function artifactRequests(
  { pathPattern = '', artifacts }: ArtifactGeneratorSpec,
  sources: ReadonlyMap<string, FileTree>,
): readonly ArtifactRequest[] {
  if (pathPattern === '') return artifacts.map((it) => ({ ...it, labels: {} }))
  const { tree, matcher } = compile(pathPattern, sources)
  const fail = (why: string): PathPatternProblem =>
    new PathPatternProblem(`pathPattern ${quote(pathPattern)}: ${why}`)
  const requests: ArtifactRequest[] = []
  const directoryOf = new Map<string, string>()
  for (const { path, entry } of walk(tree, '')) {
    const captures = entry.kind === 'directory' ? capture(matcher, path) : undefined
    if (!captures) continue
    const labels = new Map([...captures].map(([name, value]) => [name, value.toLowerCase()] as const))
    for (const [name, value] of labels) checkCapture(name, value, fail)
    for (const artifact of artifacts) {
      const request = fill(artifact, { labels, captures, path, fail })
      const earlier = directoryOf.get(request.name)
      if (earlier !== undefined) {
        const both = `directories ${quote(earlier)} and ${quote(path)}`
        throw fail(`${both} both resolve to artifact name ${quote(request.name)}`)
      }
      directoryOf.set(request.name, path)
      requests.push(request)
      if (requests.length > maxArtifacts) throw fail(`more than ${maxArtifacts} artifacts`)
    }
  }
  return requests
}

type Compiled = { readonly tree: FileTree; readonly matcher: GoRegexp }
type Fail = (why: string) => PathPatternProblem

function compile(pathPattern: string, sources: ReadonlyMap<string, FileTree>): Compiled {
  const fail: Fail = (why) => new PathPatternProblem(`pathPattern ${quote(pathPattern)}: ${why}`)
  const slash = pathPattern.indexOf('/')
  if (!pathPattern.startsWith('@') || slash < 0) {
    throw new PathPatternProblem(`invalid pathPattern format: ${pathPattern}`)
  }
  const alias = pathPattern.slice(1, slash)
  const tree = sources.get(alias)
  if (!tree) throw fail(`source alias ${alias} not found in local sources`)
  const seen = new Set<string>()
  const pieces = splitTemplate(pathPattern.slice(slash + 1), {
    unclosed: (at) => fail(`invalid capture starting at offset ${at}: missing closing brace`),
    unopened: (at) => fail(`invalid capture ending at offset ${at}: missing opening brace`),
    invalid: (why) => fail(why),
  })
  const source = pieces.map((piece) => {
    if (piece.kind === 'text') return quoteMeta(piece.text)
    if (seen.has(piece.name)) throw fail(`duplicate capture variable ${quote(piece.name)}`)
    seen.add(piece.name)
    checkCaptureKey(piece.name, fail)
    return `(?P<${piece.name}>[^/]+)`
  })
  return { tree, matcher: compileRegexp(`^${source.join('')}$`) }
}

function checkCaptureKey(name: string, fail: Fail): void {
  const problems = checkQualifiedName(name)
  if (problems.length === 0) return
  throw fail(`capture variable ${quote(name)} is not a valid Kubernetes label key: ${problems.join('; ')}`)
}

function checkCapture(name: string, value: string, fail: Fail): void {
  const problems = checkLabelValue(value)
  if (problems.length === 0) return
  const what = `captured value ${quote(value)} for variable ${quote(name)}`
  throw fail(`${what} is not a valid Kubernetes label value: ${problems.join('; ')}`)
}

function capture(matcher: GoRegexp, path: string): ReadonlyMap<string, string> | undefined {
  const found = matcher.find(path)
  if (!found) return undefined
  return new Map(
    matcher.groupNames.flatMap((name, index) => (name === '' ? [] : [[name, found[index] ?? ''] as const])),
  )
}

type Filling = {
  readonly labels: ReadonlyMap<string, string>
  readonly captures: ReadonlyMap<string, string>
  readonly path: string
  readonly fail: Fail
}

function fill(artifact: GeneratorArtifact, { labels, captures, path, fail }: Filling): ArtifactRequest {
  const render = (template: string, values: ReadonlyMap<string, string>): string => {
    try {
      return renderTemplate(template, values)
    } catch (error) {
      if (!(error instanceof PathPatternProblem)) throw error
      throw fail(`failed to render artifact ${artifact.name} for match ${path}: ${error.message}`)
    }
  }
  const name = render(artifact.name, labels)
  const problems = checkDnsSubdomain(name)
  if (problems.length > 0) {
    const what = `rendered artifact name ${quote(name)}`
    throw fail(`${what} is not a valid Kubernetes object name: ${problems.join('; ')}`)
  }
  return {
    ...artifact,
    name,
    labels: Object.fromEntries(labels),
    copy: artifact.copy.map((it) => ({
      ...it,
      from: render(it.from, captures),
      to: render(it.to, captures),
    })),
  }
}

function renderTemplate(template: string, values: ReadonlyMap<string, string>): string {
  const fail = (why: string): PathPatternProblem =>
    new PathPatternProblem(`invalid template ${quote(template)}: ${why}`)
  const pieces = splitTemplate(template, {
    unclosed: (at) => fail(`capture starting at offset ${at} is missing closing brace`),
    unopened: (at) => fail(`capture ending at offset ${at} is missing opening brace`),
    invalid: fail,
  })
  const texts = pieces.map((piece) => {
    if (piece.kind === 'text') return piece.text
    const value = values.get(piece.name)
    if (value === undefined) throw fail(`capture variable ${quote(piece.name)} is not defined by pathPattern`)
    return value
  })
  return texts.join('')
}

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'capture'; readonly name: string }

type TemplateErrors = {
  readonly unclosed: (offset: number) => PathPatternProblem
  readonly unopened: (offset: number) => PathPatternProblem
  readonly invalid: (why: string) => PathPatternProblem
}

/** Takes a text with `{captures}` apart. */
function splitTemplate(template: string, { unclosed, unopened, invalid }: TemplateErrors): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  while (at < template.length) {
    const length = template.slice(at).search(/[{}]/)
    const end = length < 0 ? template.length : at + length
    if (end > at) pieces.push({ kind: 'text', text: template.slice(at, end) })
    if (end === template.length) break
    if (template[end] === '}') throw unopened(end)
    const close = template.indexOf('}', end)
    if (close < 0) throw unclosed(end)
    const name = template.slice(end + 1, close)
    if (name === '') throw invalid('empty capture variable')
    if (!captureName.test(name)) {
      throw invalid(
        `capture variable ${quote(name)} must be a valid capture name matching [A-Za-z_][A-Za-z0-9_]*`,
      )
    }
    pieces.push({ kind: 'capture', name })
    at = close + 1
  }
  return pieces
}

import { matchPath, PathPatternError } from '@sluice/go'
import { ChartError } from '../load/chart-error.ts'
import { splitManifests } from './manifests.ts'
import type { Rendered } from './render-chart.ts'

/** Which of the documents `helm template` prints. */
export type TemplateTextOptions = {
  /** `--include-crds` */
  readonly includeCrds?: boolean
  /** `--no-hooks` */
  readonly noHooks?: boolean
  /** `--skip-tests` */
  readonly skipTests?: boolean
  /** `--show-only`: patterns of templates' paths within the chart; all when empty. */
  readonly showOnly?: readonly string[]
}

/** A document with the template that it is from. */
export type TemplateDocument = {
  readonly path: string
  readonly content: string
  readonly kind: 'crd' | 'manifest' | 'hook'
}

/**
 * What `helm template` prints: CRDs, manifests in the order in which they are created, hooks.
 *
 * @throws {ChartError} when there is no template of a wanted name.
 */
export function templateText(rendered: Rendered, options: TemplateTextOptions = {}): string {
  const documents = templateDocuments(rendered, options)
  const [manifests, hooks] = [false, true].map((isHook) =>
    documents
      .filter(({ kind }) => (kind === 'hook') === isHook)
      .map(documentText)
      .join(''),
  )
  const text = `${manifests?.trim()}\n${hooks}`
  const { showOnly = [] } = options
  return showOnly.length > 0 ? shownOnly(text, showOnly) : text
}

/** The same, document by document; `showOnly` has no effect on them. */
export function templateDocuments(
  { crds, manifests, hooks }: Rendered,
  { includeCrds = false, noHooks = false, skipTests = false }: TemplateTextOptions = {},
): TemplateDocument[] {
  const shown = noHooks ? [] : hooks.filter((hook) => !(skipTests && hook.events.includes('test')))
  return [
    ...(includeCrds ? crds : []).map((it) => ({ ...it, kind: 'crd' as const })),
    ...manifests.map(({ path, content }) => ({ path, content, kind: 'manifest' as const })),
    ...shown.map(({ path, manifest }) => ({ path, content: manifest, kind: 'hook' as const })),
  ]
}

/** A document under the name of its template. */
export function documentText({ path, content }: Pick<TemplateDocument, 'path' | 'content'>): string {
  return `---\n# Source: ${path}\n${content}\n`
}

/** The documents of the named templates. */
function shownOnly(text: string, patterns: readonly string[]): string {
  const documents = splitManifests(text)
  return patterns
    .flatMap((pattern) => {
      const found = documents.filter((it) => {
        const name = /# Source: [^/]+\/(.+)/.exec(it)?.[1]
        return name !== undefined && matches(pattern, name)
      })
      if (found.length === 0) {
        throw new ChartError('CHART_MISSING', `could not find template ${pattern} in chart`)
      }
      return found
    })
    .map((it) => `---\n${it}\n`)
    .join('')
}

/** A malformed pattern matches nothing. */
function matches(pattern: string, name: string): boolean {
  try {
    return matchPath(pattern, name)
  } catch (cause) {
    if (cause instanceof PathPatternError) return false
    throw cause
  }
}

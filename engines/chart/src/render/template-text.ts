import { matchPath } from '@sluice/go'
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

/**
 * What `helm template` prints: CRDs, manifests in the order in which they are created, hooks.
 *
 * @throws {ChartError} when there is no template of a wanted name.
 */
export function templateText(
  { crds, manifests, hooks }: Rendered,
  { includeCrds = false, noHooks = false, skipTests = false, showOnly = [] }: TemplateTextOptions = {},
): string {
  const documents = [...(includeCrds ? crds : []), ...manifests].map(document)
  const shown = noHooks ? [] : hooks.filter((hook) => !(skipTests && hook.events.includes('test')))
  const text = [
    `${documents.join('').trim()}\n`,
    ...shown.map(({ path, manifest }) => document({ path, content: manifest })),
  ].join('')
  return showOnly.length > 0 ? shownOnly(text, showOnly) : text
}

function document({ path, content }: { readonly path: string; readonly content: string }): string {
  return `---\n# Source: ${path}\n${content}\n`
}

/** The documents of the named templates. */
function shownOnly(text: string, patterns: readonly string[]): string {
  const documents = splitManifests(text)
  return patterns
    .flatMap((pattern) => {
      const found = documents.filter((it) => {
        const name = /# Source: [^/]+\/(.+)/.exec(it)?.[1]
        return name !== undefined && matchPath(pattern, name)
      })
      if (found.length === 0) {
        throw new ChartError('CHART_MISSING', `could not find template ${pattern} in chart`)
      }
      return found
    })
    .map((it) => `---\n${it}\n`)
    .join('')
}

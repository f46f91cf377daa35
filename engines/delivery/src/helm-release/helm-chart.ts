import { formatDuration, parseDuration } from '@sluice/go'
import type { KubeObject } from '@sluice/ports'
import { type HelmRelease, type HelmReleaseSpec, labels } from '@sluice/toolkit'
import { ownerLabels, withLabels } from '../objects/owned-metadata.ts'

/** The API group of HelmReleases, and the prefix of its labels. */
export const helmGroup: string = labels.helmReleaseName.slice(0, labels.helmReleaseName.indexOf('/'))

/**
 * The HelmChart that a HelmRelease makes of its template, as it is applied; nothing when the release names a chart that
 * somebody else makes.
 *
 * Source: helm-controller of Flux 2.9.
 */
export function helmChartFor({ metadata, spec }: HelmRelease): KubeObject | undefined {
  const { chart: template } = spec
  if (!template) return undefined
  const { name = '', namespace = '' } = metadata
  const chart: KubeObject = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmChart',
    metadata: {
      name: `${namespace}-${name}`,
      namespace: template.spec.sourceRef.namespace || namespace,
      ...(template.metadata?.labels && { labels: template.metadata.labels }),
      ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
    },
    spec: chartSpec(template.spec, spec.interval),
  }
  return withLabels(chart, ownerLabels(helmGroup, { name, namespace }))
}

type Template = NonNullable<HelmReleaseSpec['chart']>['spec']

function chartSpec(template: Template, interval: string): Readonly<Record<string, unknown>> {
  const { chart, version, sourceRef, reconcileStrategy, ignoreMissingValuesFiles, verify } = template
  const { valuesFiles = [], valuesFile } = template
  const files = valuesFile ? [...valuesFiles, valuesFile] : valuesFiles
  return {
    chart,
    interval: canonicalDuration(template.interval ?? interval),
    sourceRef: { kind: sourceRef.kind, name: sourceRef.name },
    ...(version && { version }),
    ...(reconcileStrategy && { reconcileStrategy }),
    ...(files.length > 0 && { valuesFiles: files }),
    ...(ignoreMissingValuesFiles && { ignoreMissingValuesFiles }),
    ...(verify && { verify }),
  }
}

/** As Go prints it: other writers of the field would take it for a change otherwise. */
function canonicalDuration(text: string): string {
  return formatDuration(parseDuration(text))
}

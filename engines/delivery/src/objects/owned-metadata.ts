import type { KubeObject } from '@sluice/ports'
import type { CommonMetadata } from '@sluice/toolkit'

type Labels = Readonly<Record<string, string>>

/** The object with `labels` added; equal names are overwritten. */
export function withLabels(object: KubeObject, labels: Labels): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } }
}

/** The object with a user's common labels and annotations, which win over those in the manifest. */
export function withCommonMetadata(object: KubeObject, common: CommonMetadata | undefined): KubeObject {
  const { labels, annotations } = common ?? {}
  const labelled = labels ? withLabels(object, labels) : object
  if (!annotations) return labelled
  const { metadata } = labelled
  return {
    ...labelled,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
  }
}

/** The labels by which an applier finds its objects again; `group` is the applier's API group. */
export function ownerLabels(
  group: string,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Labels {
  return { [`${group}/name`]: name, [`${group}/namespace`]: namespace }
}

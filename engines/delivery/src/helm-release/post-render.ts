import { build } from '@sluice/kustomize'
import { type JsonObject, type KubeObject, memoryFileTree } from '@sluice/ports'
import type { CommonMetadata, HelmRelease, HelmReleaseSpec, PostRenderer } from '@sluice/toolkit'
import { printYaml } from '@sluice/yaml'
import { mergeSpec } from '../kustomization/merge-spec.ts'
import { ownerLabels, withCommonMetadata, withLabels } from '../objects/owned-metadata.ts'
import { helmGroup } from './helm-chart.ts'

/** The file with what the chart gave. */
const outputFile = 'helm-output.yaml'

/** What the objects of a chart become before they are applied. */
export type ObjectsTransform = (objects: readonly KubeObject[]) => readonly KubeObject[]

/** What a HelmRelease says of rendered objects. */
export type PostRendered = {
  readonly metadata: Pick<HelmRelease['metadata'], 'name' | 'namespace'>
  readonly spec: Pick<HelmReleaseSpec, 'postRenderers' | 'commonMetadata'>
}

/** That part of a HelmRelease, by itself. */
export function postRendered({ metadata: { name, namespace }, spec }: PostRendered): PostRendered {
  const { postRenderers, commonMetadata } = spec
  return {
    metadata: { ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) },
    spec: { ...(postRenderers && { postRenderers }), ...(commonMetadata && { commonMetadata }) },
  }
}

/**
 * The transformation that a HelmRelease asks for: its post-renderers in their order, its common metadata, and the labels
 * that lead back to it.
 *
 * Source: helm-controller of Flux 2.9.
 * @returns a function that throws {@link KustomizeError} for patches that do not fit
 */
export function postRenderer({ metadata, spec }: PostRendered): ObjectsTransform {
  const { name = '', namespace = '' } = metadata
  const owner = ownerLabels(helmGroup, { name, namespace })
  const steps = [
    ...(spec.postRenderers ?? []).flatMap(({ kustomize }) => (kustomize ? [kustomizer(kustomize)] : [])),
    marked(spec.commonMetadata, owner),
  ]
  return (objects) => steps.reduce((rendered, step) => step(rendered), objects)
}

function marked(
  common: CommonMetadata | undefined,
  owner: Readonly<Record<string, string>>,
): ObjectsTransform {
  return (objects) => objects.map((object) => withLabels(withCommonMetadata(object, common), owner))
}

function kustomizer(kustomize: NonNullable<PostRenderer['kustomize']>): ObjectsTransform {
  const file = printYaml(
    mergeSpec(
      { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: [outputFile] },
      kustomize,
      { existing: false, exists: () => true },
    ),
  )
  return (objects) => {
    const text = objects.map((object) => printYaml(object as unknown as JsonObject)).join('---\n')
    const tree = memoryFileTree([
      ['kustomization.yaml', file],
      [outputFile, text],
    ])
    const { resources } = build(tree, '', { loadRestrictor: 'none', reorder: 'none' })
    return resources.map((resource) => resource.toObject() as unknown as KubeObject)
  }
}

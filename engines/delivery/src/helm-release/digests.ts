import { filled, type MutableValues } from '@sluice/chart'
import { sha256Hex } from '@sluice/go'
import type { CommonMetadata, KustomizeImage, KustomizePatch, PostRenderer, Selector } from '@sluice/toolkit'
import { jsonMarshal, type Printable, printYaml, StructFields } from '@sluice/yaml'

/**
 * The digest by which a change of values is known: of their YAML with keys in the order of bytes; of nothing when there
 * are none.
 *
 * Source: fluxcd/pkg chartutil, Flux 2.9.
 */
export function valuesDigest(values: MutableValues): string {
  return digestOf(values.size === 0 ? '' : printYaml(values, { keyOrder: 'bytes' }))
}

/** The digest of `spec.postRenderers` as Go prints its structs. */
export function postRenderersDigest(renderers: readonly PostRenderer[]): string {
  return jsonDigest(
    renderers.map(({ kustomize }) =>
      present(
        'kustomize',
        kustomize &&
          filled({
            patches: kustomize.patches?.map(patchFields),
            // Of older versions of the API: their change is a change, whatever its digest is.
            patchesStrategicMerge: asText(kustomize.patchesStrategicMerge),
            patchesJson6902: asText(kustomize.patchesJson6902),
            images: kustomize.images?.map(imageFields),
          }),
      ),
    ),
  )
}

/** The digest of `spec.commonMetadata`. */
export function commonMetadataDigest({ labels, annotations }: CommonMetadata): string {
  return jsonDigest(filled({ annotations: tableOf(annotations), labels: tableOf(labels) }))
}

/** The digest of a value in JSON with a line break behind it, as Go's encoder writes it. */
export function jsonDigest(value: Printable): string {
  return digestOf(`${jsonMarshal(value)}\n`)
}

function digestOf(text: string): string {
  return `sha256:${sha256Hex(text)}`
}

function asText(patches: readonly unknown[] | undefined): string | undefined {
  return patches && JSON.stringify(patches)
}

function patchFields({ patch, target }: KustomizePatch): StructFields {
  return new StructFields([['patch', patch], ...present('target', target && selectorFields(target))])
}

function imageFields({ name, newName, newTag, digest }: KustomizeImage): StructFields {
  return filled({ name, newName, newTag, digest })
}

function selectorFields(selector: Selector): StructFields {
  const { group, version, kind, namespace, name, annotationSelector, labelSelector } = selector
  return filled({ group, version, kind, namespace, name, annotationSelector, labelSelector })
}

/** A pointer's field: a struct without fields is there, nothing is not. */
function present(name: string, fields: StructFields | undefined): StructFields {
  return new StructFields(fields ? [[name, fields]] : [])
}

function tableOf(entries: Readonly<Record<string, string>> | undefined): Map<string, string> | undefined {
  return entries && new Map(Object.entries(entries))
}

import { compileRegexp } from '@sluice/go'
import { type KubeObject, parseApiVersion } from '@sluice/ports'
import type { IgnoreRule, Selector } from '@sluice/toolkit'
import { selectsLabels } from './label-selector.ts'

type Rule = { readonly paths: readonly string[]; readonly selects: (object: KubeObject) => boolean }

/**
 * The JSON pointers that ignore rules mean for an object. Group, version, kind, name and namespace of a
 * rule's target are regular expressions over the whole value.
 */
export function ignoredPointers(rules: readonly IgnoreRule[]): (object: KubeObject) => readonly string[] {
  const compiled: readonly Rule[] = rules.map(({ paths, target }) => ({
    paths,
    selects: target ? selection(target) : () => true,
  }))
  return (object) => compiled.filter(({ selects }) => selects(object)).flatMap(({ paths }) => paths)
}

function selection(target: Selector): (object: KubeObject) => boolean {
  const { group, version, kind, name, namespace, labelSelector, annotationSelector } = target
  const tests = {
    group: whole(group),
    version: whole(version),
    kind: whole(kind),
    name: whole(name),
    namespace: whole(namespace),
  }
  return ({ apiVersion, kind: ownKind, metadata }) => {
    const own = parseApiVersion(apiVersion)
    return (
      tests.group(own.group) &&
      tests.version(own.version) &&
      tests.kind(ownKind) &&
      tests.name(metadata.name ?? '') &&
      tests.namespace(metadata.namespace ?? '') &&
      selectsLabels(labelSelector, metadata.labels) &&
      selectsLabels(annotationSelector, metadata.annotations)
    )
  }
}

function whole(pattern: string | undefined): (text: string) => boolean {
  if (!pattern) return () => true
  const compiled = compileRegexp(`^(?:${pattern})$`)
  return (text) => compiled.test(text)
}

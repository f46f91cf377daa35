import { jsonEqual } from '@sluice/merge'
import type { KubeObject } from '@sluice/ports'
import { templateGeneration } from './defaults/workloads.ts'
import { objectOf } from './json-fields.ts'

/** Counts the templates that a DaemonSet has had, whatever the client says of their number. */
export function countTemplates(next: KubeObject, old: KubeObject): KubeObject {
  const isSame = jsonEqual(objectOf(next['spec']).template ?? null, objectOf(old['spec']).template ?? null)
  const before = Number(old.metadata.annotations?.[templateGeneration] ?? 1)
  const annotations = {
    ...next.metadata.annotations,
    [templateGeneration]: String(isSame ? before : before + 1),
  }
  return { ...next, metadata: { ...next.metadata, annotations } }
}

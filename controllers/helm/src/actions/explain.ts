import { explainsErrors, maxExplained, refusalHint } from '@sluice/applier'
import { objectsOf, type Release } from '@sluice/chart'
import { formatObjectId, idOf, type ObjectId } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { HelmRelease } from '@sluice/toolkit'
import { type RefusedObject, refusedObjects } from '../releases/apply/placed.ts'

/** What is told of a failure in addition, where that is asked for. */
export type Explanation = {
  /** Follows the message. Empty when there is nothing to add. */
  readonly text: string
  readonly metadata: Readonly<Record<string, string>>
}

const nothing: Explanation = { text: '', metadata: {} }

/** The comment by which a manifest says of which template its objects are. */
const sourceComment = /^# Source: (.+)$/m

/**
 * Names the template of every object that was refused, and what to make of it; beyond Flux, so the HelmRelease has to ask for
 * it.
 */
export function explain(object: HelmRelease, failure: Error, release: Release | undefined): Explanation {
  if (!explainsErrors(object)) return nothing
  const refused = refusedObjects(failure).slice(0, maxExplained)
  if (refused.length === 0) return nothing
  const templateOf = templatesOf(release)
  const lines = refused.map((it, at) => lineOf(it, templateOf(it.object), at === 0))
  const files = new Set(refused.map((it) => templateOf(it.object)).filter((file) => file !== undefined))
  return {
    text: `\nNot applied:\n${lines.join('\n')}`,
    metadata: files.size > 0 ? { files: [...files].join(',') } : {},
  }
}

/** @param isFirst whether the message has the error already */
function lineOf({ object, error, cause }: RefusedObject, file: string | undefined, isFirst: boolean): string {
  const hint = refusalHint(cause)
  const what = isFirst ? formatObjectId(idOf(object)) : `${formatObjectId(idOf(object))}: ${error.message}`
  return `${file ?? 'unknown template'}: ${what}${hint && ` (${hint})`}`
}

function templatesOf(release: Release | undefined): (object: KubeObject) => string | undefined {
  const found = new Map<string, string>()
  for (const document of (release?.manifest ?? '').split(/^---$/m)) {
    const [, file] = sourceComment.exec(document) ?? []
    if (file === undefined) continue
    for (const object of objectsOf(document)) found.set(keyOf(object, release?.namespace), file)
  }
  return (object) => found.get(keyOf(object, release?.namespace)) ?? found.get(keyOf(object, ''))
}

/** Manifests may leave the namespace out, and cluster-scoped objects have none. */
function keyOf(object: KubeObject, namespace = ''): string {
  const id: ObjectId = idOf(object)
  return JSON.stringify([id.group, id.kind, id.namespace || namespace, id.name])
}

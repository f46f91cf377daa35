import type { JsonObject, KubeObject } from '@sluice/ports'
import { objectOf } from './json-fields.ts'

const uidLabel = 'batch.kubernetes.io/controller-uid'

/** A job finds its pods by its own uid, unless its author says that he picks them. */
export function prepareJob(object: KubeObject): KubeObject {
  const spec = objectOf(object['spec'])
  if (spec.manualSelector === true) return object
  const { name = '', uid = '' } = object.metadata
  const labels = {
    'controller-uid': uid,
    'job-name': name,
    [uidLabel]: uid,
    'batch.kubernetes.io/job-name': name,
  }
  const template = objectOf(spec.template)
  const metadata = objectOf(template.metadata)
  const selector = objectOf(spec.selector)
  return {
    ...object,
    // The template's labels are the job's, too, where it has none.
    metadata:
      object.metadata.labels === undefined
        ? { ...object.metadata, labels: jobLabels(metadata, labels) }
        : object.metadata,
    spec: {
      ...spec,
      selector: { ...selector, matchLabels: { ...objectOf(selector.matchLabels), [uidLabel]: uid } },
      template: {
        ...template,
        metadata: { ...metadata, labels: { ...objectOf(metadata.labels), ...labels } },
      },
    },
  }
}

function jobLabels(
  metadata: JsonObject,
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { ...(objectOf(metadata.labels) as Readonly<Record<string, string>>), ...labels }
}

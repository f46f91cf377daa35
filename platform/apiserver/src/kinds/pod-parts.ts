import type { JsonObject, KubeObject } from '@sluice/ports'
import { listOf, objectOf } from './json-fields.ts'

/** What of a pod can change through which of its subresources; everything else stays as it is. */
export const podParts: Readonly<Record<string, (next: KubeObject, current: KubeObject) => KubeObject>> = {
  ephemeralcontainers: (next, current) => {
    const { ephemeralContainers } = objectOf(next['spec'])
    const { ephemeralContainers: _, ...spec } = objectOf(current['spec'])
    return {
      ...current,
      spec: { ...spec, ...(ephemeralContainers === undefined ? {} : { ephemeralContainers }) },
    }
  },
  resize: (next, current) => {
    const wanted = objectOf(next['spec'])
    const spec = objectOf(current['spec'])
    return {
      ...current,
      spec: {
        ...spec,
        containers: resized(wanted, spec, 'containers'),
        ...(spec.initContainers === undefined
          ? {}
          : { initContainers: resized(wanted, spec, 'initContainers') }),
      },
    }
  },
}

/** The containers with the resources that they are wanted to have, by their names. */
function resized(wanted: JsonObject, spec: JsonObject, list: string): readonly JsonObject[] {
  const byName = new Map(listOf(wanted[list]).map((it) => [it.name, it]))
  return listOf(spec[list]).map((container) => {
    const own = byName.get(container.name)
    if (!own) return container
    const { resources: _, resizePolicy: __, ...rest } = container
    const { resources, resizePolicy } = own
    return {
      ...rest,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    }
  })
}

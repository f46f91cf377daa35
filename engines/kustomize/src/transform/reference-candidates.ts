import { effectiveNamespace } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'

/** What references may mean, by the names it had. */
export class ReferenceCandidates {
  private readonly byFormerName = new Map<string, Resource[]>()
  /** By the namespace they came with: one resource of each namespace they are in now. */
  private readonly byOriginalNamespace = new Map<string, Map<string, Resource>>()

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      for (const name of new Set(resource.formerNames())) this.addName(name, resource)
      this.addNamespace(resource)
    }
  }

  formerlyNamed(name: string): readonly Resource[] {
    return this.byFormerName.get(name) ?? []
  }

  /** Whether any resource that `counts` came with `namespace`. `counts` looks at namespaces only. */
  cameWithNamespace(namespace: string, counts: (resource: Resource) => boolean): boolean {
    const found = this.byOriginalNamespace.get(namespace)
    return found !== undefined && [...found.values()].some(counts)
  }

  private addName(name: string, resource: Resource): void {
    const list = this.byFormerName.get(name)
    if (list) list.push(resource)
    else this.byFormerName.set(name, [resource])
  }

  private addNamespace(resource: Resource): void {
    const original = effectiveNamespace(resource.originalId)
    const current = `${effectiveNamespace(resource.id)}|${resource.namespace}`
    const found = this.byOriginalNamespace.get(original)
    if (found) {
      if (!found.has(current)) found.set(current, resource)
    } else {
      this.byOriginalNamespace.set(original, new Map([[current, resource]]))
    }
  }
}

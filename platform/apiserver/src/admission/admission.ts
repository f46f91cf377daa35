import type { Registry } from '../registry/registry.ts'
import type { Storage } from '../storage/storage.ts'
import type { Admission } from '../verbs/call.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { roleEscalation } from './role-escalation.ts'
import { validatingPolicies } from './validating-policy.ts'

type Services = { readonly storage: Storage; readonly registry: Registry }

/** The admission that every write goes through, in order. */
export function admissionChain(services: Services): Admission {
  const parts: readonly Admission[] = [
    namespaceLifecycle(services.storage),
    roleEscalation(services.storage),
    validatingPolicies(services),
  ]
  return {
    mutate: (request, object) => parts.reduce((current, part) => part.mutate(request, current), object),
    validate: (request) => {
      for (const part of parts) part.validate(request)
    },
  }
}

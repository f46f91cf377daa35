import type { Storage } from '../storage/storage.ts'
import type { Admission } from '../verbs/call.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'

/** The admission that every write goes through, in order. */
export function admissionChain(storage: Storage): Admission {
  const parts: readonly Admission[] = [namespaceLifecycle(storage)]
  return {
    mutate: (request, object) => parts.reduce((current, part) => part.mutate(request, current), object),
    validate: (request) => {
      for (const part of parts) part.validate(request)
    },
  }
}

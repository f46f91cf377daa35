import { isApiError } from '@sluice/cluster'
import { applyConfiguration } from '@sluice/merge'
import type { KubeObject } from '@sluice/ports'
import { expressionWarnings } from '../admission/policy-warnings.ts'
import { objectOf } from '../kinds/json-fields.ts'
import { changeObject } from '../verbs/change.ts'
import { timestamp } from '../verbs/metadata.ts'
import { asJson, currentManagers, withManagers, writeContext } from '../verbs/ownership.ts'
import { systemCall } from '../verbs/system-call.ts'
import type { Controller, ControllerContext } from './context.ts'
import { TaskQueue } from './task-queue.ts'

const manager = 'validatingadmissionpolicy-status'
const prefix = '/admissionregistration.k8s.io/validatingadmissionpolicies/'

/** Says in the status of admission policies which generation of theirs is in force, and what is doubtful about it. */
export function policyStatus(context: ControllerContext): Controller {
  const queue = new TaskQueue({
    name: 'policy-status',
    ...context.core,
    signal: context.signal,
    work: (name) => observe(context, name),
  })
  return {
    observe: ({ type, key, object }) => {
      if (type === 'put' && key.startsWith(prefix) && !isObserved(object)) {
        queue.add(object.metadata.name ?? '')
      }
    },
    run: () => queue.run(),
  }
}

function isObserved(object: KubeObject): boolean {
  return objectOf(object['status']).observedGeneration === object.metadata.generation
}

async function observe({ core }: ControllerContext, name: string): Promise<void> {
  const call = systemCall(core, {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingadmissionpolicies',
    name,
    subresource: 'status',
  })
  const write = { manager, subresource: 'status', now: timestamp(core.clock) }
  const context = { ...writeContext(call.resource, write), force: true }
  try {
    await changeObject(core, call, {
      dryRun: false,
      isConditional: () => false,
      next: (current) => {
        const { managedFields: _, ...metadata } = current.metadata
        const { apiVersion, kind } = current
        const warnings = expressionWarnings(current, core.registry)
        const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings }
        const status = { observedGeneration: metadata.generation ?? 0, typeChecking }
        const applied = applyConfiguration(
          asJson({ ...current, metadata }),
          { apiVersion, kind, status },
          currentManagers(current, current, true),
          context,
        )
        return withManagers(applied.object as unknown as KubeObject, applied.managers)
      },
    })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

import type { KubeObject } from '@sluice/ports'
import { conditionsOf, intAt } from './fields.ts'
import { current, failed, type Health, inProgress } from './verdict.ts'

/**
 * A Job is current once it has completed, not while it runs as kstatus has it: what is applied after it may need
 * its work done.
 *
 * Source: fluxcd/pkg runtime/statusreaders, Flux 2.9.
 */
export function jobHealth(job: KubeObject): Health {
  const completions = intAt(job, 'spec.completions', intAt(job, 'spec.parallelism', 1))
  for (const { type, status } of conditionsOf(job)) {
    if (status !== 'True') continue
    if (type === 'Complete') {
      return current(`Job Completed. succeeded: ${intAt(job, 'status.succeeded', 0)}/${completions}`)
    }
    if (type === 'Failed') {
      return failed(`Job Failed. failed: ${intAt(job, 'status.failed', 0)}/${completions}`)
    }
  }
  return inProgress('Job in progress')
}

import { createHash } from 'node:crypto'
import type { ControllerName } from '../controller-name.ts'

/**
 * The lease that a controller holds while it works: Flux's, so that never both do. Each shard has one of its own.
 *
 * Source: fluxcd/pkg runtime/leaderelection, GenerateID.
 */
export function leaseName(controller: ControllerName, watchLabelSelector: string): string {
  const base = `${controller}-leader-election`
  if (watchLabelSelector === '') return base
  return `${base}-${createHash('sha256').update(watchLabelSelector).digest('hex').slice(0, 8)}`
}

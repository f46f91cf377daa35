import type { Release } from '../release/release.ts'
import { actionError } from './action-context.ts'
import type { ApplyMethod } from './effects.ts'

/** How a release was applied: at the client, as by Helm 3, where nothing is said. */
export function methodOf({ applyMethod }: Release): ApplyMethod {
  return applyMethod === 'ssa' ? 'ssa' : 'csa'
}

/** How to apply. @throws {ChartError} for what is neither `auto`, `true` nor `false` */
export function applyMethodOf(given: string | undefined, last: Release): ApplyMethod {
  switch (given) {
    case undefined:
    case '':
    case 'auto':
      return methodOf(last)
    case 'true':
      return 'ssa'
    case 'false':
      return 'csa'
    default:
      throw actionError(`invalid/unknown release server-side apply method: ${given}`)
  }
}

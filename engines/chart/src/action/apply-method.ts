import type { Release } from '../release/release.ts'
import { actionError } from './action-context.ts'

/** How to apply. @throws {ChartError} for what is neither `auto`, `true` nor `false` */
export function applyMethodOf(given: string | undefined, { applyMethod }: Release): 'ssa' | 'csa' {
  switch (given) {
    case undefined:
    case '':
    case 'auto':
      return applyMethod === 'ssa' ? 'ssa' : 'csa'
    case 'true':
      return 'ssa'
    case 'false':
      return 'csa'
    default:
      throw actionError(`invalid/unknown release server-side apply method: ${given}`)
  }
}

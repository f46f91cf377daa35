import { nodeCrypto } from '@sluice/host'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import type { SprigPorts } from '@sluice/template'

/** The world as templates of the cases see it: a fixed time, repeatable randomness, real cryptography. */
export function templatePorts(): SprigPorts {
  return {
    clock: fakeClock(Date.UTC(2026, 0, 1, 12, 0, 0, 123)),
    random: seededRandom(1),
    crypto: nodeCrypto,
  }
}

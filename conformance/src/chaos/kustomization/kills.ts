import { seededRandom } from '@sluice/ports/testing'
import type { Lab } from '../../lab/lab.ts'
import type { Campaign } from '../registry.ts'
import { type Cut, cutAt } from './cut-transport.ts'
import { differenceTo, play } from './story.ts'

/** Kills the controller between two API calls, starts another, and compares what is left with an undisturbed run. */
export const campaign: Campaign = async ({ kills, seed, log }) => {
  let calls = 0
  const undisturbed = await play((lab) =>
    startAgainAfterKills(lab, () => {
      calls += 1
      return 'none'
    }),
  )
  const random = seededRandom(seed)
  let passed = 0
  for (let run = 0; run < kills; run++) {
    const at = Math.floor(random.float() * calls)
    const cut: Cut = random.float() < 0.5 ? 'before' : 'after'
    // One after the other: each has its own cluster in this process.
    const left = await play((lab) => startAgainAfterKills(lab, (number) => (number === at ? cut : 'none')))
    const difference = differenceTo(undisturbed, left)
    if (difference === undefined) passed += 1
    else log(`killed ${cut} call ${at} of ${calls}: ${difference}`)
  }
  return { passed, failed: kills - passed }
}

function startAgainAfterKills(lab: Lab, cutOf: (number: number) => Cut): void {
  let number = 0
  const start = () => {
    const end = lab.startController({
      through: cutAt(
        () => cutOf(number++),
        () => {
          void end()
          start()
        },
      ),
    })
  }
  start()
}

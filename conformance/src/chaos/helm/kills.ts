import { seededRandom } from '@sluice/ports/testing'
import type { ReleaseLab, ReleaseProcess } from '../../lab/release-lab.ts'
import { type Cut, cutAt } from '../kustomization/cut-transport.ts'
import type { Campaign } from '../registry.ts'
import { differenceTo, play } from './story.ts'

/** How many processes a run may lose, one after the other. */
const maxDeaths = 3

/** Kills the process that works upon a release between two API calls, once or more often, and lets another go on. */
export const campaign: Campaign = async ({ kills, seed, log }) => {
  let calls = 0
  const undisturbed = await play((lab) => {
    return mortalProcess(lab, () => {
      calls += 1
      return 'none'
    })
  })
  const random = seededRandom(seed)
  let passed = 0
  for (let run = 0; run < kills; run += 1) {
    const cuts = new Map<number, Cut>()
    const deaths = 1 + Math.floor(random.float() * maxDeaths)
    const first = Math.floor(random.float() * calls)
    let at = first
    for (let death = 0; death < deaths; death += 1) {
      cuts.set(at, random.float() < 0.5 ? 'before' : 'after')
      at += 1 + Math.floor(random.float() * 30)
    }
    let number = 0
    // One after the other: each has its own cluster in this process.
    const left = await play((lab) => mortalProcess(lab, () => cuts.get(number++) ?? 'none'))
    const difference = differenceTo(undisturbed, left)
    if (difference === undefined) passed += 1
    else log(`killed at ${[...cuts].map((it) => it.join(' ')).join(', ')} of ${calls} calls: ${difference}`)
  }
  return { passed, failed: kills - passed }
}

function mortalProcess(lab: ReleaseLab, cut: () => Cut): ReleaseProcess {
  const process: ReleaseProcess = lab.startProcess({
    through: (transport) => cutAt(cut, () => process.kill())(transport),
  })
  return process
}

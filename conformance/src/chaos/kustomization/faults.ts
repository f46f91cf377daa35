import { ApiError, type ApiRequest, type Transport } from '@sluice/cluster'
import type { Random } from '@sluice/ports'
import { seededRandom } from '@sluice/ports/testing'
import type { Campaign } from '../registry.ts'
import { differenceTo, play } from './story.ts'

/** How many calls in a hundred fail. */
const faultPercentage = 8

/** Has API calls fail in all the ways that servers and networks know, and compares with an undisturbed run. */
export const campaign: Campaign = async ({ kills: runs, seed, log }) => {
  const undisturbed = await play((lab) => lab.startController())
  let passed = 0
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(seed + run)
    // One after the other: each has its own cluster in this process.
    const left = await play((lab) => lab.startController({ through: (it) => faulty(it, random) }))
    const difference = differenceTo(undisturbed, left)
    if (difference === undefined) passed += 1
    else log(`faults of seed ${seed + run}: ${difference}`)
  }
  return { passed, failed: runs - passed }
}

type Fault = { readonly error: ApiError; readonly isLostAnswer?: true }

const refusals: readonly Fault[] = [
  refusal(429, 'TooManyRequests', 'too many requests'),
  refusal(500, 'InternalError', 'an error on the server'),
  refusal(503, 'ServiceUnavailable', 'no server'),
  refusal(504, 'Timeout', 'the request timed out'),
  { error: new ApiError({ message: 'connection reset' }) },
  { error: new ApiError({ message: 'connection reset' }), isLostAnswer: true },
]
const conflict = refusal(409, 'Conflict', 'the object has been modified')

function refusal(code: number, reason: string, message: string): Fault {
  return { error: new ApiError({ code, reason, message }) }
}

function faulty(transport: Transport, random: Random): Transport {
  const drawn = ({ method }: ApiRequest): Fault | undefined => {
    if (random.float() * 100 >= faultPercentage) return undefined
    const faults = method === 'GET' ? refusals : [...refusals, conflict]
    return faults[Math.floor(random.float() * faults.length)]
  }
  return {
    request: async (request, options) => {
      const fault = drawn(request)
      if (fault && !fault.isLostAnswer) throw fault.error
      const response = await transport.request(request, options)
      if (fault) throw fault.error
      return response
    },
    watch: async function* (request, options) {
      for await (const event of transport.watch(request, options)) {
        if (random.float() * 100 < faultPercentage) return
        yield event
      }
    },
  }
}

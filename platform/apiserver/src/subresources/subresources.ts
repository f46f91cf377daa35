import type { Verb } from '../request/request-info.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'

/** The answer of a subresource that is not simply a part of its object; `undefined` for those that are. */
export async function subresourceAnswer(_core: Core, _call: Call, _verb: Verb): Promise<Answer | undefined> {
  return undefined
}

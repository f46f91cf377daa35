import type { Verb } from '../request/request-info.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { bindPod } from './binding.ts'

/** The answer of a subresource that is not simply a part of its object; `undefined` for those that are. */
export async function subresourceAnswer(core: Core, call: Call, verb: Verb): Promise<Answer | undefined> {
  const { resource, subresource } = call
  const isPod = resource.group === '' && resource.plural === 'pods'
  if (isPod && subresource === 'binding' && verb === 'create') return await bindPod(core, call)
  return undefined
}

import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts'
import type { Verb } from '../request/request-info.ts'
import { statusError } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { bindingAnswer, evictionAnswer } from './pods.ts'
import { scaleAnswer } from './scale.ts'
import { tokenAnswer } from './token.ts'

/** The answer of a subresource that is not simply a part of its object; `undefined` for those that are. */
export async function subresourceAnswer(
  core: Core,
  call: Call,
  { verb, tokens }: { readonly verb: Verb; readonly tokens: ServiceAccountTokens },
): Promise<Answer | undefined> {
  switch (call.subresource) {
    case 'scale':
      return scaleAnswer(core, call, verb)
    case 'token':
      return tokenAnswer(core, call, tokens)
    case 'binding':
      return bindingAnswer(core, call)
    case 'eviction':
      return evictionAnswer(core, call)
    case 'exec':
    case 'attach':
    case 'portforward':
    case 'proxy':
    case 'log':
      throw statusError(501, 'NotImplemented', {
        message: `pods are simulated: ${call.subresource} is not available on the embedded server`,
      })
    default:
      return undefined
  }
}

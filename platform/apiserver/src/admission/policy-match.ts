import type { JsonObject, KubeObject } from '@sluice/ports'
import { listOf, objectOf, stringsOf, textOf } from '../kinds/json-fields.ts'
import { type LabelSelector, matchesLabels } from '../kinds/selector.ts'
import type { Storage } from '../storage/storage.ts'
import type { AdmissionRequest } from '../verbs/call.ts'

const none: Readonly<Record<string, string>> = {}

/** Whether a policy or binding is about a request. An absent match is about everything. */
export function matchesRequest(
  match: JsonObject | undefined,
  request: AdmissionRequest,
  storage: Storage,
): boolean {
  if (!match) return true
  const { object, oldObject } = request
  return (
    matchesNamespace(objectOf(match.namespaceSelector), request, storage) &&
    matchesEither(objectOf(match.objectSelector), object, oldObject) &&
    !listOf(match.excludeResourceRules).some((rule) => matchesRule(rule, request)) &&
    (match.resourceRules === undefined ||
      listOf(match.resourceRules).some((rule) => matchesRule(rule, request)))
  )
}

function matchesNamespace(
  selector: LabelSelector,
  { call, object, oldObject }: AdmissionRequest,
  storage: Storage,
): boolean {
  const { resource, namespace } = call
  if (resource.group === '' && resource.plural === 'namespaces') {
    return matchesLabels(selector, (object ?? oldObject)?.metadata.labels ?? none)
  }
  // Objects of the whole cluster are in no namespace that could be left out.
  if (!resource.namespaced) return true
  return matchesLabels(selector, storage.get(`//namespaces//${namespace}`)?.metadata.labels ?? none)
}

function matchesEither(selector: LabelSelector, ...objects: readonly (KubeObject | undefined)[]): boolean {
  return objects.some((it) => it !== undefined && matchesLabels(selector, it.metadata.labels ?? none))
}

function matchesRule(rule: JsonObject, { operation, call }: AdmissionRequest): boolean {
  const { resource, subresource, name } = call
  const names = stringsOf(rule.resourceNames)
  const scope = textOf(rule.scope)
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, resource.group) &&
    has(rule.apiVersions, resource.version) &&
    stringsOf(rule.resources).some((it) => matchesResource(it, resource.plural, subresource)) &&
    (names.length === 0 || names.includes(name)) &&
    (scope === '' || scope === '*' || (scope === 'Namespaced') === resource.namespaced)
  )
}

function has(list: unknown, wanted: string): boolean {
  return stringsOf(list).some((it) => it === '*' || it === wanted)
}

function matchesResource(pattern: string, plural: string, subresource: string): boolean {
  const [wanted = '', wantedSub = ''] = pattern.split('/')
  const isResource = wanted === '*' || wanted === plural
  if (pattern === '*/*') return true
  return isResource && (wantedSub === '*' || wantedSub === subresource)
}

import { type JsonObject, qualifiedNameProblems } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, textOf } from '../json-fields.ts'
import { compareQuantities, parseQuantity, printQuantity } from '../quantity.ts'
import { validateQualifiedName } from './formats.ts'

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')

const compute = new Set(['cpu', 'memory'])
const forContainers = new Set(['cpu', 'memory', 'ephemeral-storage'])
/** What is counted as a whole. */
const counted = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])
/** What may stand in a quota. */
const forQuotas = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...counted,
])
const standard = new Set([...forQuotas, 'storage'])

/** What a resource's name may be: where it is used decides which of the names without a domain there are. */
export type ResourceUse = 'any' | 'container' | 'quota'

export function validateResourceName(name: string, field: string, use: ResourceUse): FieldError[] {
  const problems = validateQualifiedName(name, field)
  if (problems.length > 0) return problems
  if (name.includes('/')) {
    return use === 'container' && !isNative(name) && !isExtended(name)
      ? [invalidValue(field, name, "doesn't follow extended resource name standard")]
      : []
  }
  const isStandard = standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
  const errors = isStandard
    ? []
    : [invalidValue(field, name, 'must be a standard resource type or fully qualified')]
  if (use === 'container' && !forContainers.has(name) && !isHugePages(name)) {
    errors.push(invalidValue(field, name, 'must be a standard resource for containers'))
  }
  if (use === 'quota' && !forQuotas.has(name) && !/^(requests\.)?hugepages-/.test(name)) {
    errors.push(invalidValue(field, name, 'must be a standard resource for quota'))
  }
  return errors
}

/** Names without a domain, or in the one of Kubernetes. */
function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/** Names of resources that nodes say they have, such as `vendor.example/gpu`. */
function isExtended(name: string): boolean {
  return (
    !isNative(name) && !name.startsWith('requests.') && qualifiedNameProblems(`requests.${name}`).length === 0
  )
}

/** Only these may be promised beyond what there is. */
function mayBeOvercommitted(name: string): boolean {
  return isNative(name) && !isHugePages(name)
}

/** An amount of a resource: not negative, and whole where there are no parts of it. */
export function validateResourceAmount(name: string, amount: unknown, field: string): FieldError[] {
  const isWhole = counted.has(name) || isExtended(name)
  return [
    ...(compareQuantities(amount, '0') < 0
      ? [invalidValue(field, amount, 'must be greater than or equal to 0')]
      : []),
    ...(isWhole && (parseQuantity(textOf(amount))?.nano ?? 0n) % 1_000_000_000n !== 0n
      ? [invalidValue(field, amount, 'must be an integer')]
      : []),
  ]
}

/** What a container asks for and may take. */
export function validateResources(
  resources: JsonObject,
  field: string,
  claims: ReadonlySet<string>,
): FieldError[] {
  const limits = objectOf(resources.limits)
  const requests = objectOf(resources.requests)
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  const needsCompute = names.some(isHugePages) && !names.some((it) => compute.has(it))
  return [
    ...sortedNames(limits).flatMap((name) => validateOne(name, limits[name], `${field}.limits[${name}]`)),
    ...sortedNames(requests).flatMap((name) => [
      ...validateOne(name, requests[name], `${field}.requests[${name}]`),
      ...validateAgainstLimit(name, { amount: requests[name], limit: limits[name] }, field),
    ]),
    ...(needsCompute ? [forbiddenField(field, 'HugePages require cpu or memory')] : []),
    ...validateClaims(listOf(resources.claims), `${field}.claims`, claims),
  ]
}

function sortedNames(amounts: JsonObject): readonly string[] {
  return Object.keys(amounts).toSorted()
}

function validateOne(name: string, amount: unknown, field: string): FieldError[] {
  const errors = [
    ...validateResourceName(name, field, 'container'),
    ...validateResourceAmount(name, amount, field),
  ]
  const page = isHugePages(name) ? parseQuantity(name.slice('hugepages-'.length)) : undefined
  const value = parseQuantity(textOf(amount))
  if (!page || !value || (page.nano > 0n && value.nano % page.nano === 0n)) return errors
  const shown = printQuantity(value)
  return [...errors, invalidValue(field, shown, `${shown} is not positive integer multiple of ${name}`)]
}

function validateAgainstLimit(
  name: string,
  { amount, limit }: { readonly amount: unknown; readonly limit: unknown },
  field: string,
): FieldError[] {
  if (limit === undefined) {
    return mayBeOvercommitted(name)
      ? []
      : [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const order = compareQuantities(amount, limit)
  const shown = textOf(limit)
  if (order !== 0 && !mayBeOvercommitted(name)) {
    return [invalidValue(`${field}.requests`, amount, `must be equal to ${name} limit of ${shown}`)]
  }
  return order > 0
    ? [invalidValue(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${shown}`)]
    : []
}

function validateClaims(
  claims: readonly JsonObject[],
  field: string,
  known: ReadonlySet<string>,
): FieldError[] {
  const seen = new Set<string>()
  return claims.flatMap((claim, index) => {
    const at = `${field}[${index}]`
    const name = textOf(claim.name)
    if (name === '') return [required(at)]
    const request = textOf(claim.request)
    const key = request === '' ? name : `${name}/${request}`
    const isRepeated = seen.has(name) || seen.has(key)
    seen.add(key)
    const errors = isRepeated ? [duplicate(at, key)] : []
    if (known.has(name)) return errors
    const names = known.size === 0 ? ' which is empty' : `: ${[...known].toSorted().join(', ')}`
    const message = `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${names}`
    return [...errors, { reason: 'FieldValueNotFound', field: at, message }]
  })
}

const resizable = ['cpu', 'memory']
const resizePolicies = ['NotRequired', 'RestartContainer']

/** What becomes of a container whose resources change while it runs. */
export function validateResizePolicy(
  policies: readonly JsonObject[],
  field: string,
  podRestarts: string,
): FieldError[] {
  const seen = new Set<string>()
  return policies.flatMap(({ resourceName, restartPolicy }, index) => {
    const name = textOf(resourceName)
    const policy = textOf(restartPolicy)
    const errors = seen.has(name) ? [duplicate(`${field}[${index}]`, name)] : []
    seen.add(name)
    for (const [value, choices] of [
      [name, resizable],
      [policy, resizePolicies],
    ] as const) {
      if (value === '') errors.push(required(field))
      else if (!choices.includes(value)) errors.push(notSupported(field, value, choices))
    }
    if (podRestarts === 'Never' && policy !== 'NotRequired') {
      const problem = "must be 'NotRequired' when `restartPolicy` is 'Never'"
      errors.push(invalidValue(field, policy, problem))
    }
    return errors
  })
}

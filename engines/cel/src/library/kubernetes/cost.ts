import { type CostRule, costSize, patternCost, scanCost, type TrackCost } from '../../cost/cost-tracker.ts'
import { operators } from '../../syntax/expression.ts'
import { ListValue } from '../../values/list-value.ts'
import { type CelValue, OpaqueValue } from '../../values/value.ts'
import { NamedFormat } from './format.ts'
import { Cidr, IpAddress } from './ip-value.ts'

const one: TrackCost = () => 1
const byText: TrackCost = ([text]) => scanCost(sizeOf(text))
const byTextTwice: TrackCost = ([text]) => scanCost(sizeOf(text) * 2)
const byTraversal: TrackCost = ([value = null]) => traversalCost(value)

/** The size of a value; addresses count their bytes, prefixes the bytes that they fix. */
function sizeOf(value: CelValue | undefined): number {
  if (value instanceof IpAddress) return value.bytes.length
  return value instanceof Cidr ? Math.ceil(value.bits / 8) : costSize(value)
}

/** What going through a value as a tree costs; texts cost a tenth of their bytes, cut off. */
function traversalCost(value: CelValue): number {
  if (typeof value === 'string') return Math.trunc(new TextEncoder().encode(value).length * 0.1)
  if (value instanceof Uint8Array) return Math.trunc(value.length * 0.1)
  if (value instanceof ListValue) {
    return value.items.reduce<number>((sum, item) => sum + traversalCost(item), 0)
  }
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'map') {
    return value
      .keys()
      .reduce<number>((sum, key) => sum + traversalCost(key) + traversalCost(value.find(key) ?? null), 0)
  }
  return 1
}

function containsIp(overload: string): TrackCost {
  return ([cidr, ip]) =>
    scanCost(sizeOf(cidr) * 2) + (overload === 'cidr_contains_ip_string' ? scanCost(sizeOf(ip)) : 0)
}

function containsCidr(overload: string): TrackCost {
  return ([cidr, other]) =>
    scanCost(sizeOf(cidr) * 2) +
    scanCost(sizeOf(cidr)) +
    1 +
    (overload === 'cidr_contains_cidr_string' ? scanCost(sizeOf(other)) : 0)
}

const validate: TrackCost = ([format, text]) =>
  format instanceof NamedFormat ? patternCost(costSize(text), format.patternSize) : 1

const find: TrackCost = ([text, pattern]) => patternCost(costSize(text), costSize(pattern))
const authorizationCheck: TrackCost = () => 350_000
const selectorCost: TrackCost = ([, selector]) =>
  10 + scanCost(costSize(selector)) + Math.ceil(Math.ceil(costSize(selector) * 0.5) * 50)

const families: readonly (readonly [TrackCost, string])[] = [
  [byTraversal, 'isSorted sum max min indexOf lastIndexOf includes'],
  [byText, 'url lowerAscii upperAscii substring trim jsonpatch.escapeKey'],
  [byTextTwice, 'replace split ip.isCanonical'],
  [find, 'find findAll'],
  [byText, 'cidr isIP isCIDR quantity isQuantity semver isSemver'],
  [one, 'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast'],
  [one, 'isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan'],
  [one, 'compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery'],
  [one, 'serviceAccount path group resource subresource namespace name allowed reason error errored'],
  [authorizationCheck, 'check'],
  [selectorCost, 'fieldSelector labelSelector'],
  [validate, 'validate'],
  [(_, result) => scanCost(costSize(result) * 2), 'join'],
]
const byName: ReadonlyMap<string, TrackCost> = new Map(
  families.flatMap(([track, names]) => names.split(' ').map((name): [string, TrackCost] => [name, track])),
)

/**
 * How Kubernetes counts the calls of its libraries.
 *
 * Source: https://pkg.go.dev/k8s.io/apiserver/pkg/cel/library#CostEstimator
 */
export const kubernetesCost: CostRule = (name, overload) => {
  switch (name) {
    case 'ip':
      return overload === 'cidr_ip' ? one : byText
    case 'containsIP':
      return containsIp(overload)
    case 'containsCIDR':
      return containsCidr(overload)
    case operators.equals:
      return ([a, b]) => (a instanceof OpaqueValue ? 1 : scanCost(Math.min(costSize(a), costSize(b))))
    default:
      return byName.get(name)
  }
}

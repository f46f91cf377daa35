import type { KubeObject } from '@sluice/ports'

type Drift = { readonly live: KubeObject; readonly wouldBe: KubeObject }
type Data = Readonly<Record<string, unknown>>

const masked = '***'
const encryptedMark = '**SOPS**'
const encryptedMask = '*****'

/**
 * Drift without the values of a Secret; whether two of them differ is still told. Where the built Secret is encrypted its
 * values are not known, so only its keys count: without a difference among them there is none.
 *
 * Source: FEATURES of Flux 2.9, §12.2; fluxcd/pkg ssa.
 */
export function maskedDrift(desired: KubeObject, drift: Drift): Drift | undefined {
  if (desired.kind !== 'Secret' || desired.apiVersion !== 'v1') return drift
  const [live, wouldBe] = [dataOf(drift.live), dataOf(drift.wouldBe)]
  if (isEncrypted(dataOf(desired))) {
    const [before, after] = [Object.keys(live).toSorted(), Object.keys(wouldBe).toSorted()]
    if (before.join('\n') === after.join('\n')) return undefined
    return { live: withData(drift.live, hidden), wouldBe: withData(drift.wouldBe, hidden) }
  }
  return {
    live: withData(drift.live, maskBeside(wouldBe, 'before')),
    wouldBe: withData(drift.wouldBe, maskBeside(live, 'after')),
  }
}

function hidden(): string {
  return encryptedMask
}

/** A mask that tells whether the other side has another value. */
function maskBeside(other: Data, mark: string): (key: string, value: unknown) => string {
  return (key, value) => (Object.hasOwn(other, key) && other[key] !== value ? `${masked} (${mark})` : masked)
}

function dataOf(object: KubeObject): Data {
  const data = object['data']
  return typeof data === 'object' && data !== null ? (data as Data) : {}
}

function withData(object: KubeObject, valueOf: (key: string, value: unknown) => string): KubeObject {
  if (object['data'] === undefined) return object
  const data = Object.fromEntries(
    Object.entries(dataOf(object)).map(([key, value]) => [key, valueOf(key, value)]),
  )
  return { ...object, data }
}

function isEncrypted(data: Data): boolean {
  return Object.values(data).some(
    (value) => typeof value === 'string' && Buffer.from(value, 'base64').toString().includes(encryptedMark),
  )
}

/** An amount such as `500m`, `1.5Gi` or `1e3`, exact to a billionth. */
export type Quantity = { readonly nano: bigint; readonly format: 'decimal' | 'binary' | 'exponent' }

export const quantityForm: string =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const nanoPerUnit = 1_000_000_000n
const decimal: readonly (readonly [string, number])[] = [
  ['E', 18],
  ['P', 15],
  ['T', 12],
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['', 0],
  ['m', -3],
  ['u', -6],
  ['n', -9],
]
const binary: readonly (readonly [string, bigint])[] = [
  ['Ei', 1n << 60n],
  ['Pi', 1n << 50n],
  ['Ti', 1n << 40n],
  ['Gi', 1n << 30n],
  ['Mi', 1n << 20n],
  ['Ki', 1n << 10n],
  ['', 1n],
]
const maxDigits = 100

/**
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 * @returns `undefined` when the text is no quantity
 */
export function parseQuantity(text: string): Quantity | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (!match || text.length > maxDigits) return undefined
  const [, sign, whole = '', fraction = '', suffix = '', exponent] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(`${whole}${fraction}`)
  const isBinary = suffix.endsWith('i')
  const power = exponent === undefined ? (decimal.find(([it]) => it === suffix)?.[1] ?? 0) : Number(exponent)
  const factor = isBinary ? (binary.find(([it]) => it === suffix)?.[1] ?? 1n) : 1n
  const shift = 9 - fraction.length + (isBinary ? 0 : power)
  const magnitude = scaled(digits * factor, shift)
  const format = exponent === undefined ? (isBinary ? 'binary' : 'decimal') : 'exponent'
  return { nano: sign === '-' ? -magnitude : magnitude, format }
}

/** `digits · 10^shift`, rounded up when it is less than one. */
function scaled(digits: bigint, shift: number): bigint {
  if (shift >= 0) return digits * 10n ** BigInt(Math.min(shift, 40))
  const divisor = 10n ** BigInt(-shift)
  return (digits + divisor - 1n) / divisor
}

/** The one way in which Kubernetes writes an amount: the largest suffix without a fraction. */
export function printQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  if (format === 'binary' && nano % nanoPerUnit === 0n) {
    const units = nano / nanoPerUnit
    const found = binary.find(([, factor]) => units % factor === 0n)
    // Below one Ki the binary form is the decimal one.
    if (found && (units >= 1024n || units <= -1024n)) return `${units / found[1]}${found[0]}`
  }
  const found = decimal.find(([, power]) => nano % 10n ** BigInt(power + 9) === 0n)
  const [suffix, power] = found ?? ['n', -9]
  const value = nano / 10n ** BigInt(power + 9)
  if (format !== 'exponent') return `${value}${suffix}`
  return power === 0 ? String(value) : `${value}e${power}`
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`; texts that are no quantity are zero. */
export function compareQuantities(a: unknown, b: unknown): number {
  const x = amountOf(a)
  const y = amountOf(b)
  return x < y ? -1 : x > y ? 1 : 0
}

function amountOf(value: unknown): bigint {
  return (
    parseQuantity(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '')?.nano ??
    0n
  )
}

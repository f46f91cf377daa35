/** Go's shortest `%g` takes an exponent from this many digits before the point on. */
const exponentFrom = 6

/**
 * A double as Go's `strconv.FormatFloat(value, 'g', -1, 64)` prints it, which is how go-yaml writes floats.
 *
 * Source: https://pkg.go.dev/strconv#FormatFloat
 */
export function formatFloatShortest(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const { mantissa, power } = scientific(value)
  if (power >= -4 && power < exponentFrom) return plainDecimal(mantissa, power)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** A double as Go's encoding/json writes it: without exponent from 1e-6 up to 1e21. */
export function formatFloatJson(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const { mantissa, power } = scientific(value)
  const size = Math.abs(value)
  if (size >= 1e-6 && size < 1e21) return plainDecimal(mantissa, power)
  return `${mantissa}e${power < 0 ? '-' : '+'}${Math.abs(power)}`
}

function scientific(value: number): { mantissa: string; power: number } {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  return { mantissa, power: Number(exponent) }
}

function plainDecimal(mantissa: string, power: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`
  if (digits.length <= power + 1) return sign + digits.padEnd(power + 1, '0')
  return `${sign}${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`
}

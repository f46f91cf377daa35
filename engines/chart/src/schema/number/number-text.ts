import { formatFloat } from '@sluice/go'

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/**
 * A number as messages in English have it: `1,234.5`, and `1.5×10⁻⁰⁷` for what has many digits.
 *
 * Source: golang.org/x/text/message, the verb %v with a float64.
 */
export function numberText(value: number): string {
  const [mantissa = '', exponent] = formatFloat(value, 'g', -1).split('e')
  if (exponent === undefined) return countText(mantissa)
  const power = exponent
    .replace('+', '')
    .replace('-', '⁻')
    .replace(/\d/g, (digit) => superscripts[Number(digit)] ?? '')
  return `${mantissa}×10${power}`
}

/** Groups the digits before the point by thousands. */
export function countText(count: number | string): string {
  const [whole = '', fraction] = String(count).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

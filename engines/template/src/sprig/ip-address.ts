const decimalPart = /^(?:0|[1-9]\d{0,2})$/
const hexPart = /^[0-9a-fA-F]{1,4}$/

/** Whether a text is an IPv4 or IPv6 address without a zone. Source: https://pkg.go.dev/net#ParseIP */
export function isIpAddress(text: string): boolean {
  return text.includes(':') ? isIpv6(text) : isIpv4(text)
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => decimalPart.test(part) && Number(part) <= 255)
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  const last = all.at(-1) ?? ''
  const endsInIpv4 = last.includes('.')
  if (endsInIpv4 && !isIpv4(last)) return false
  const plain = endsInIpv4 ? all.slice(0, -1) : all
  const count = plain.length + (endsInIpv4 ? 2 : 0)
  const isComplete = halves.length === 2 ? count < 8 : count === 8
  return isComplete && plain.every((group) => hexPart.test(group))
}

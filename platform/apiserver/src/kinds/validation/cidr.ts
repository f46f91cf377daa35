import { isIPv4, isIPv6 } from 'node:net'

/** A range of addresses: the bits that they share, as a number, of how many there are. */
export type Cidr = { readonly bits: bigint; readonly size: 32 | 128; readonly prefix: number }

/** Reads a range such as `10.0.0.0/8`; `undefined` when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text)
  if (!match) return undefined
  const [, address = '', length] = match
  const size = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined
  const prefix = Number(length)
  if (size === undefined || prefix > size) return undefined
  const bits = size === 32 ? bitsOf4(address) : bitsOf6(address)
  return { bits: (bits >> BigInt(size - prefix)) << BigInt(size - prefix), size, prefix }
}

/** Whether all addresses of `inner` are in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  const rest = BigInt(outer.size - outer.prefix)
  return (
    outer.size === inner.size && inner.prefix >= outer.prefix && inner.bits >> rest === outer.bits >> rest
  )
}

function bitsOf4(address: string): bigint {
  return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function bitsOf6(address: string): bigint {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_whole, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...(tail === undefined ? [] : zeros), ...right].reduce(
    (sum, group) => sum * 65_536n + BigInt(`0x${group}`),
    0n,
  )
}

function groups(part: string): string[] {
  return part.split(':').filter((it) => it !== '')
}

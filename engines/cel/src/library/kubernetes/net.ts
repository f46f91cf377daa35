import { quote } from '@sluice/go'
import {
  declare,
  type FunctionDeclaration,
  memberOverload,
  overload,
} from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { boolType, intType, stringType } from '../../types/cel-type.ts'
import { CelError, type CelValue, noSuchOverload } from '../../values/value.ts'
import { Cidr, cidrType, IpAddress, ipType, parseCidr, parseIp, startsWith } from './ip-value.ts'

function readIp(text: CelValue): IpAddress | CelError {
  if (typeof text !== 'string') return noSuchOverload
  const ip = parseIp(text)
  if (typeof ip === 'string') {
    return new CelError(`IP Address ${quote(text)} parse error during conversion from string: ${ip}`)
  }
  if (ip.zone !== '') return new CelError(`IP address ${quote(text)} with zone value is not allowed`)
  return ip.isMapped ? new CelError(`IPv4-mapped IPv6 address ${quote(text)} is not allowed`) : ip
}

const cidrContext = 'network address parse error during conversion from string'

function readCidr(text: CelValue): Cidr | CelError {
  if (typeof text !== 'string') return noSuchOverload
  const cidr = parseCidr(text)
  if (typeof cidr === 'string') return new CelError(`${cidrContext}: ${cidrContext}: ${cidr}`)
  return cidr.address.isMapped
    ? new CelError(`${cidrContext}: IPv4-mapped IPv6 address ${quote(text)} is not allowed`)
    : cidr
}

function ipTest(name: string, id: string, test: (ip: IpAddress) => boolean): FunctionDeclaration {
  return declare(name, [
    memberOverload(id, [ipType], boolType, (ip = null) =>
      ip instanceof IpAddress ? test(ip) : noSuchOverload,
    ),
  ])
}

function isUnspecified({ bytes }: IpAddress): boolean {
  return bytes.every((byte) => byte === 0)
}

function isLoopback(ip: IpAddress): boolean {
  return ip.isV4 ? ip.bytes[0] === 127 : ip.toString() === '::1'
}

function isLinkLocalMulticast(ip: IpAddress): boolean {
  if (ip.isV4) return startsWith(ip.bytes, [224, 0, 0])
  return ip.bytes[0] === 0xff && ((ip.bytes[1] ?? 0) & 0x0f) === 0x02
}

function isLinkLocalUnicast(ip: IpAddress): boolean {
  if (ip.isV4) return startsWith(ip.bytes, [169, 254])
  return ip.bytes[0] === 0xfe && ((ip.bytes[1] ?? 0) & 0xc0) === 0x80
}

function isMulticast(ip: IpAddress): boolean {
  return ip.isV4 ? ((ip.bytes[0] ?? 0) & 0xf0) === 0xe0 : ip.bytes[0] === 0xff
}

function isGlobalUnicast(ip: IpAddress): boolean {
  if (ip.isV4 && (isUnspecified(ip) || ip.bytes.every((byte) => byte === 255))) return false
  return !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip)
}

function isIp(text: CelValue = null): CelValue {
  return typeof text === 'string' ? readIp(text) instanceof IpAddress : noSuchOverload
}

const ipFunctions: readonly FunctionDeclaration[] = [
  declare('ip', [
    overload('string_to_ip', [stringType], ipType, (text = null) => readIp(text)),
    memberOverload('cidr_ip', [cidrType], ipType, (cidr = null) =>
      cidr instanceof Cidr ? cidr.address : noSuchOverload,
    ),
  ]),
  declare('ip.isCanonical', [
    overload('ip_is_canonical', [stringType], boolType, (text = null) => {
      const ip = readIp(text)
      return ip instanceof IpAddress ? ip.toString() === text : ip
    }),
  ]),
  declare('isIP', [overload('is_ip', [stringType], boolType, isIp)]),
  declare('family', [
    memberOverload('ip_family', [ipType], intType, (ip = null) =>
      ip instanceof IpAddress ? (ip.isV4 ? 4 : 6) : noSuchOverload,
    ),
  ]),
  ipTest('isUnspecified', 'ip_is_unspecified', isUnspecified),
  ipTest('isLoopback', 'ip_is_loopback', isLoopback),
  ipTest('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  ipTest('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  ipTest('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
]

function containsIp(cidr: CelValue = null, ip: CelValue = null): CelValue {
  return cidr instanceof Cidr && ip instanceof IpAddress ? cidr.contains(ip) : noSuchOverload
}

function containsCidr(cidr: CelValue = null, other: CelValue = null): CelValue {
  if (other instanceof CelError) return other
  if (!(cidr instanceof Cidr) || !(other instanceof Cidr)) return noSuchOverload
  return cidr.bits <= other.bits && cidr.contains(other.address)
}

const cidrFunctions: readonly FunctionDeclaration[] = [
  declare('cidr', [overload('string_to_cidr', [stringType], cidrType, (text = null) => readCidr(text))]),
  declare('isCIDR', [
    overload('is_cidr', [stringType], boolType, (text = null) =>
      typeof text === 'string' ? readCidr(text) instanceof Cidr : noSuchOverload,
    ),
  ]),
  declare('containsIP', [
    memberOverload('cidr_contains_ip_string', [cidrType, stringType], boolType, (cidr = null, text = null) =>
      containsIp(cidr, readIp(text)),
    ),
    memberOverload('cidr_contains_ip_ip', [cidrType, ipType], boolType, containsIp),
  ]),
  declare('containsCIDR', [
    memberOverload(
      'cidr_contains_cidr_string',
      [cidrType, stringType],
      boolType,
      (cidr = null, text = null) => containsCidr(cidr, readCidr(text)),
    ),
    memberOverload('cidr_contains_cidr', [cidrType, cidrType], boolType, containsCidr),
  ]),
  declare('prefixLength', [
    memberOverload('cidr_prefix_length', [cidrType], intType, (cidr = null) =>
      cidr instanceof Cidr ? cidr.bits : noSuchOverload,
    ),
  ]),
  declare('masked', [
    memberOverload('cidr_masked', [cidrType], cidrType, (cidr = null) =>
      cidr instanceof Cidr ? cidr.masked() : noSuchOverload,
    ),
  ]),
  declare('string', [
    overload('ip_to_string', [ipType], stringType, (ip = null) =>
      ip instanceof IpAddress ? ip.toString() : noSuchOverload,
    ),
    overload('cidr_to_string', [cidrType], stringType, (cidr = null) =>
      cidr instanceof Cidr ? cidr.toString() : noSuchOverload,
    ),
  ]),
]

/** Addresses and prefixes: `ip('10.0.0.1')`, `cidr('10.0.0.0/8')`. */
export const netLibrary: Library = {
  types: [ipType, cidrType],
  functions: [...ipFunctions, ...cidrFunctions],
}

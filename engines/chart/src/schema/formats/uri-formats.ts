import { GoError, type GoUrl, hostnameOf, parseGoUrl, unescapeUrl } from '@sluice/go'
import { ipv6Problem } from './host-formats.ts'

/** Source: RFC 3986, as Go's net/url reads it. */
export function uriProblem(text: string): string | undefined {
  const url = parsed(text)
  if (typeof url === 'string') return url
  return url.scheme === '' ? 'relative url' : undefined
}

export function uriReferenceProblem(text: string): string | undefined {
  if (text.includes('\\')) return 'contains \\'
  const url = parsed(text)
  return typeof url === 'string' ? url : undefined
}

/** Source: RFC 6570; only the braces of the path are looked at. */
export function uriTemplateProblem(text: string): string | undefined {
  const url = parsed(text)
  if (typeof url === 'string') return url
  for (const part of url.rawPath.split('/')) {
    const braces = unescapeUrl(part, 'path').replace(/[^{}]/g, '')
    if (/^(\{\})*$/.test(braces)) continue
    return /^(\{\})*\{$/.test(braces) ? 'no matching closing brace' : 'nested curly braces'
  }
  return undefined
}

/** The parts of a URL, or what is wrong with it. */
function parsed(text: string): GoUrl | string {
  let url: GoUrl
  try {
    url = parseGoUrl(text)
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
  const host = hostnameOf(url.host)
  if (!host.includes(':')) return url
  if (!url.host.includes('[') || !url.host.includes(']')) return 'ipv6 address not enclosed in brackets'
  const problem = ipv6Problem(host)
  return problem === undefined ? url : `invalid ipv6 address: ${problem}`
}

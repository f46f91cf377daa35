import { type HttpResponse, readBody } from '@sluice/ports'
import { OciError } from '../oci-error.ts'
import { isOciTag } from '../reference.ts'
import { parseJson } from './json-answer.ts'
import type { RegistrySession } from './registry-session.ts'

const maxPageBytes = 16 * 1024 * 1024
const maxTags = 500_000
const maxPages = 10_000
/** As go-containerregistry asks; the address is a part of messages. */
const firstPage = 'tags/list?n=1000'

/**
 * All tags of a repository, in the registry's order.
 *
 * Source: https://github.com/opencontainers/distribution-spec, "Listing Tags".
 * @throws {OciError} also for lists without end, and for what is no tag: tags go into files, messages and commits.
 */
export async function listTags(session: RegistrySession): Promise<readonly string[]> {
  const tags: string[] = []
  const seen = new Set<string>()
  let path: string | undefined = firstPage
  while (path !== undefined) {
    if (seen.has(path)) throw new OciError('OCI_REGISTRY', 'the pages of the list of tags go in a circle')
    if (seen.size >= maxPages) throw new OciError('OCI_TOO_LARGE', `more than ${maxPages} pages of tags`)
    seen.add(path)
    // Each page says where the next one is.
    const response: HttpResponse = await session.call({ method: 'GET', path, maxBodyBytes: maxPageBytes })
    for (const tag of tagsIn(await readBody(response.body))) tags.push(tag)
    if (tags.length > maxTags) throw new OciError('OCI_TOO_LARGE', `more than ${maxTags} tags`)
    path = nextPage(response, session.base)
  }
  return tags
}

function tagsIn(body: Uint8Array): readonly string[] {
  const { tags } = parseJson(body) as { readonly tags?: unknown }
  if (tags === undefined || tags === null) return []
  if (!Array.isArray(tags)) {
    throw new OciError('OCI_INVALID', 'the registry answered with something else than tags')
  }
  return tags.map(checkedTag)
}

function checkedTag(tag: unknown): string {
  if (typeof tag === 'string' && isOciTag(tag)) return tag
  const shown = JSON.stringify(typeof tag === 'string' && tag.length > 40 ? `${tag.slice(0, 40)}…` : tag)
  const length = typeof tag === 'string' ? ` of ${tag.length} characters` : ''
  throw new OciError('OCI_INVALID', `the registry lists what is no tag: ${shown?.slice(0, 60)}${length}`)
}

/** Source: RFC 8288. */
function nextPage(response: HttpResponse, base: string): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(response.headers.get('link') ?? '')?.[1]
  if (target === undefined) return undefined
  const url = URL.canParse(target, `${base}/`) ? new URL(target, `${base}/`) : undefined
  if (url?.origin !== new URL(base).origin) {
    throw new OciError('OCI_REGISTRY', 'the next page of the list is on another host')
  }
  return url.href
}

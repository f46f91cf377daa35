/** What a request is about, read from its path and method. */
export type RequestInfo =
  | { readonly kind: 'other'; readonly verb: string; readonly path: string }
  | {
      readonly kind: 'resource'
      readonly verb: Verb
      readonly group: string
      readonly version: string
      /** Empty for cluster-wide requests. */
      readonly namespace: string
      readonly plural: string
      /** Empty for collections. */
      readonly name: string
      /** Empty for the object itself; may hold slashes for proxied paths. */
      readonly subresource: string
    }

export type ResourceRequest = Extract<RequestInfo, { kind: 'resource' }>

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

const namespaceSubresources = new Set(['status', 'finalize'])

/**
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 * @param method upper case
 */
export function requestInfo(
  method: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
): RequestInfo {
  const other: RequestInfo = { kind: 'other', verb: method.toLowerCase(), path }
  const parts = segments(path)
  if (!parts) return other
  const isCore = parts[0] === 'api'
  const head = isCore ? 2 : 3
  if ((!isCore && parts[0] !== 'apis') || parts.length <= head) return other
  const { namespace, rest, watches } = splitResource(parts.slice(head))
  const [plural = '', name = '', ...subresource] = rest
  const verb = verbOf(method, { name, watches, query })
  if (!verb) return other
  return {
    kind: 'resource',
    verb,
    group: isCore ? '' : (parts[1] ?? ''),
    version: parts[head - 1] ?? '',
    namespace,
    plural,
    name,
    subresource: subresource.join('/'),
  }
}

function segments(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((it) => it !== '')
      .map(decodeURIComponent)
  } catch (error) {
    // A broken escape names nothing.
    if (error instanceof URIError) return undefined
    throw error
  }
}

/** Takes the old `watch/` prefix and the namespace off the front. */
function splitResource(parts: readonly string[]): {
  readonly namespace: string
  readonly rest: readonly string[]
  readonly watches: boolean
} {
  const watches = parts[0] === 'watch' && parts.length > 1
  const rest = watches ? parts.slice(1) : parts
  if (rest[0] !== 'namespaces' || rest.length < 2) return { namespace: '', rest, watches }
  const namespace = rest[1] ?? ''
  const isInside = rest.length > 2 && !namespaceSubresources.has(rest[2] ?? '')
  return { namespace, rest: isInside ? rest.slice(2) : rest, watches }
}

function verbOf(
  method: string,
  {
    name,
    watches,
    query,
  }: { readonly name: string; readonly watches: boolean; readonly query: Readonly<Record<string, string>> },
): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD': {
      if (name !== '') return watches ? 'watch' : 'get'
      const { watch } = query
      return watches || watch === 'true' || watch === '1' ? 'watch' : 'list'
    }
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    default:
      return undefined
  }
}

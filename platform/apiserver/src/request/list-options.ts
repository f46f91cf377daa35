import { type FieldError, forbiddenField, notSupported } from '../status/field-error.ts'
import { badRequest } from '../status/status-error.ts'
import { type Query, refuse } from './options.ts'

/** What the query of a list or watch says. */
export type ListQuery = {
  readonly labelSelector: string
  readonly fieldSelector: string
  /** 0 for no limit. */
  readonly limit: number
  readonly continueToken: string
  /** `undefined` when not given; 0 for whatever is at hand. */
  readonly resourceVersion: number | undefined
  readonly exact: boolean
  readonly timeoutSeconds: number | undefined
  readonly allowBookmarks: boolean
  /** Whether a watch begins with the present objects; `undefined` leaves it to the resource version. */
  readonly sendInitialEvents: boolean | undefined
}

/** @throws {ApiError} BadRequest or Invalid */
export function listQuery(query: Query, isWatch: boolean): ListQuery {
  const match = query['resourceVersionMatch'] ?? ''
  const resourceVersion = query['resourceVersion'] ?? ''
  const continueToken = query['continue'] ?? ''
  const initial = query['sendInitialEvents']
  refuse('ListOptions', [
    ...(isWatch
      ? watchErrors(match, initial)
      : matchErrors(match, { resourceVersion, continueToken, initial })),
  ])
  return {
    labelSelector: query['labelSelector'] ?? '',
    fieldSelector: query['fieldSelector'] ?? '',
    limit: numberOf(query, 'limit') ?? 0,
    continueToken,
    resourceVersion: resourceVersion === '' ? undefined : parseResourceVersion(resourceVersion),
    exact: match === 'Exact',
    timeoutSeconds: numberOf(query, 'timeoutSeconds'),
    allowBookmarks: isTrue(query['allowWatchBookmarks']),
    sendInitialEvents: initial === undefined ? undefined : isTrue(initial),
  }
}

/** @throws {ApiError} BadRequest when the text is not a revision */
export function parseResourceVersion(text: string): number {
  if (/^\d{1,20}$/.test(text)) return Number(text)
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  )
}

function matchErrors(
  match: string,
  {
    resourceVersion,
    continueToken,
    initial,
  }: {
    readonly resourceVersion: string
    readonly continueToken: string
    readonly initial: string | undefined
  },
): FieldError[] {
  const errors: FieldError[] = []
  if (initial !== undefined) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  if (match === '') return errors
  if (resourceVersion === '') {
    errors.push(
      forbiddenField(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      ),
    )
  }
  if (continueToken !== '') {
    errors.push(
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'),
    )
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']))
  }
  if (match === 'Exact' && resourceVersion === '0') {
    errors.push(
      forbiddenField(
        'resourceVersionMatch',
        'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ),
    )
  }
  return errors
}

function watchErrors(match: string, initial: string | undefined): FieldError[] {
  if (initial === undefined) {
    return match === ''
      ? []
      : [
          forbiddenField(
            'resourceVersionMatch',
            'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
          ),
        ]
  }
  if (match === '') {
    return [
      forbiddenField(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    ]
  }
  return match === 'NotOlderThan' ? [] : [notSupported('resourceVersionMatch', match, ['NotOlderThan'])]
}

function numberOf(query: Query, name: string): number | undefined {
  const text = query[name]
  if (text === undefined || text === '') return undefined
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && text !== 'false' && text !== '0'
}

const tokenVersion = 'meta.k8s.io/v1'

/** Where the next page begins and which revision it is of. */
export type ContinueToken = { readonly revision: number; readonly after: string }

export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start: after })).toString('base64url')
}

/** @throws {ApiError} BadRequest when the token was not made by this server */
export function decodeContinue(token: string): ContinueToken {
  const bytes = Buffer.from(token, 'base64url')
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw badToken(firstCharacterProblem(bytes))
  }
  const { v, rv, start } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >
  if (v !== tokenVersion || typeof rv !== 'number' || typeof start !== 'string') {
    throw badToken('server does not recognize this encoded version')
  }
  return { revision: rv, after: start }
}

function badToken(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}

function firstCharacterProblem(bytes: Buffer): string {
  if (bytes.length === 0) return 'unexpected end of JSON input'
  const code = bytes[0] ?? 0
  const character =
    code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : `\\u00${code.toString(16).padStart(2, '0')}`
  return `invalid character '${character}' looking for beginning of value`
}

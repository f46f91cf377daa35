import type { X509Certificate } from 'node:crypto'
import { SignatureError } from '../signature-error.ts'

/** What is looked at beside the signature itself. */
export type Check = 'authenticity' | 'authenticTimestamp' | 'expiry' | 'revocation'
export type Action = 'enforce' | 'log' | 'skip'

/** What counts for artifacts of a place. */
export type TrustPolicy = {
  readonly name: string
  /** `skip` looks at nothing at all. */
  readonly isSkipped: boolean
  readonly actions: Readonly<Record<Check, Action>>
  /** When a countersignature of a timestamp authority is looked at. */
  readonly verifyTimestamp: 'always' | 'afterCertExpiry'
  /** `ca:name`, `signingAuthority:name`, `tsa:name`. */
  readonly trustStores: readonly string[]
  readonly trustedIdentities: readonly string[]
}

const enforced = 'enforce'
/** Source: https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md */
const levels: Readonly<Record<string, Readonly<Record<Check, Action>>>> = {
  strict: { authenticity: enforced, authenticTimestamp: enforced, expiry: enforced, revocation: enforced },
  permissive: { authenticity: enforced, authenticTimestamp: 'log', expiry: 'log', revocation: 'log' },
  audit: { authenticity: 'log', authenticTimestamp: 'log', expiry: 'log', revocation: 'log' },
  skip: { authenticity: 'skip', authenticTimestamp: 'skip', expiry: 'skip', revocation: 'skip' },
}

type Statement = Readonly<Record<string, unknown>>

/**
 * The policy of a document that is for a place: the one that names it, else the one for all.
 *
 * @throws {SignatureError} when there is none, or the document is no policy.
 */
export function policyFor(document: string, place: string): TrustPolicy {
  const statements = statementsIn(document)
  const scoped = (scope: string): Statement | undefined =>
    statements.find(({ registryScopes }) => textsIn(registryScopes).includes(scope))
  const statement = scoped(place) ?? scoped('*')
  if (!statement) throw new SignatureError(`artifact '${place}' has no applicable trust policy statement`)
  return decode(statement)
}

/** Whether a document is one of trust policies. @throws {SignatureError} saying what is wrong with it. */
export function checkTrustPolicy(document: string): void {
  for (const statement of statementsIn(document)) decode(statement)
}

function statementsIn(document: string): readonly Statement[] {
  const { version, trustPolicies } = parse(document)
  if (version !== '1.0') {
    throw new SignatureError(`trust policy document has an unsupported version '${String(version)}'`)
  }
  const statements = Array.isArray(trustPolicies) ? (trustPolicies as readonly unknown[]) : []
  if (statements.length === 0) throw new SignatureError('trust policy document has no statements')
  return statements.filter((it): it is Statement => typeof it === 'object' && it !== null)
}

function parse(document: string): Statement {
  try {
    const parsed: unknown = JSON.parse(document)
    if (typeof parsed === 'object' && parsed !== null) return parsed as Statement
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new SignatureError('trust policy document is not valid JSON')
}

function decode(statement: Statement): TrustPolicy {
  const name = typeof statement['name'] === 'string' ? statement['name'] : ''
  const { level, override, verifyTimestamp } = (statement['signatureVerification'] ?? {}) as {
    readonly level?: unknown
    readonly verifyTimestamp?: unknown
    readonly override?: Readonly<Record<string, unknown>>
  }
  const actions = levels[String(level)]
  if (!actions) {
    throw new SignatureError(`trust policy statement '${name}' has an unknown level '${String(level)}'`)
  }
  const isSkipped = level === 'skip'
  const trustStores = isSkipped ? [] : textsIn(statement['trustStores'])
  const trustedIdentities = isSkipped ? [] : textsIn(statement['trustedIdentities'])
  if (!isSkipped && (trustStores.length === 0 || trustedIdentities.length === 0)) {
    throw new SignatureError(`trust policy statement '${name}' is missing trust stores or trusted identities`)
  }
  return {
    name,
    isSkipped,
    actions: { ...actions, ...overridesIn(override, name) },
    verifyTimestamp: timestampRule(verifyTimestamp, name),
    trustStores,
    trustedIdentities,
  }
}

function timestampRule(value: unknown, name: string): TrustPolicy['verifyTimestamp'] {
  if (value === undefined || value === '' || value === 'always') return 'always'
  if (value === 'afterCertExpiry') return value
  throw new SignatureError(
    `trust policy statement '${name}' has an unknown verifyTimestamp '${JSON.stringify(value)}'`,
  )
}

function overridesIn(
  override: Readonly<Record<string, unknown>> | undefined,
  name: string,
): Partial<Record<Check, Action>> {
  const entries = Object.entries(override ?? {})
  const wrong = entries.find(
    ([check, action]) =>
      !(check in (levels['strict'] ?? {})) || !['enforce', 'log', 'skip'].includes(String(action)),
  )
  if (wrong) {
    throw new SignatureError(`trust policy statement '${name}' overrides '${wrong[0]}', which cannot be`)
  }
  return Object.fromEntries(entries)
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((it): it is string => typeof it === 'string') : []
}

const subjectPrefix = 'x509.subject:'

/** Whether one of the identities is the subject of a certificate, or a part of it. */
export function isTrustedIdentity(identities: readonly string[], { subject }: X509Certificate): boolean {
  const actual = new Map(subject.split('\n').map(attributeOf))
  return identities.some((identity) => {
    if (identity === '*') return true
    if (!identity.startsWith(subjectPrefix)) return false
    const wanted = splitName(identity.slice(subjectPrefix.length)).map(attributeOf)
    const names = wanted.map(([name]) => name)
    // So little would be anybody.
    if (!['C', 'ST', 'O'].every((name) => names.includes(name))) return false
    return wanted.every(([name, value]) => actual.get(name) === value)
  })
}

/** Parts of a distinguished name, at commas that are not escaped. Source: RFC 4514. */
function splitName(text: string): readonly string[] {
  return text
    .split(/(?<!\\)[,+]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function attributeOf(part: string): readonly [string, string] {
  const equals = part.indexOf('=')
  const name = part.slice(0, equals).trim().toUpperCase()
  return [
    name === 'S' ? 'ST' : name,
    part
      .slice(equals + 1)
      .trim()
      .replaceAll(/\\(.)/g, '$1'),
  ]
}

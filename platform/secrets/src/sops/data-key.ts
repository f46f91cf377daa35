import { errorChain } from '@sluice/ports'
import { SopsError } from '../sops-error.ts'
import type { MasterKey, SopsMetadata } from './metadata.ts'
import { joinShares } from './shamir.ts'

/** Unwraps what one master key wrapped, or throws. */
export type Unwrap = (key: MasterKey, options: { readonly signal: AbortSignal }) => Promise<Uint8Array>

type Attempt = { readonly key: MasterKey; readonly error: string }
type GroupResult = { readonly share: Uint8Array } | { readonly attempts: readonly Attempt[] }

/** Keys that need nobody outside come first. */
const order: readonly MasterKey['kind'][] = ['age', 'pgp', 'kms', 'gcp_kms', 'azure_kv', 'hc_vault']
const keyBytes = 32

/**
 * The key that a document's values are encrypted with: one master key of a group suffices; of several groups as many as
 * the threshold says.
 *
 * @throws {SopsError} `SOPS_NO_DATA_KEY` that says for each key why it did not help.
 */
export async function recoverDataKey(
  { groups, threshold }: SopsMetadata,
  unwrap: Unwrap,
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const needed = groups.length > 1 ? threshold || groups.length : 1
  const results: GroupResult[] = []
  for (const group of groups) {
    // One after the other, so that no more services are asked than needed.
    if (results.filter((result) => 'share' in result).length >= needed) break
    results.push(await openGroup(group, unwrap, signal))
  }
  const shares = results.flatMap((result) => ('share' in result ? [result.share] : []))
  if (shares.length < needed) throw new SopsError('SOPS_NO_DATA_KEY', report(results))
  const key = groups.length > 1 ? joinShares(shares) : shares[0]
  if (key?.length !== keyBytes) throw new SopsError('SOPS_MALFORMED', 'the data key has a wrong length')
  return key
}

async function openGroup(
  group: readonly MasterKey[],
  unwrap: Unwrap,
  signal: AbortSignal,
): Promise<GroupResult> {
  const attempts: Attempt[] = []
  const sorted = group.toSorted((left, right) => order.indexOf(left.kind) - order.indexOf(right.kind))
  for (const key of sorted) {
    try {
      // The next key is only tried when this one fails.
      return { share: await unwrap(key, { signal }) }
    } catch (error) {
      signal.throwIfAborted()
      attempts.push({ key, error: errorChain(error) })
    }
  }
  return { attempts }
}

/** The report that `sops` prints. Source: getsops/sops v3, getDataKeyError. */
function report(results: readonly GroupResult[]): string {
  const groups = results.map((result, index) => {
    const attempts = 'attempts' in result ? result.attempts : []
    const lines = attempts.map(({ key, error }) => `  ${nameOf(key)}: FAILED\n    - | ${wrap(error)}`)
    return [`Group ${index}: ${'share' in result ? 'SUCCESS' : 'FAILED'}`, ...lines].join('\n')
  })
  return [
    'Failed to get the data key required to decrypt the SOPS file.',
    ...groups,
    [
      'Recovery failed because no master key was able to decrypt the file. In',
      'order for SOPS to recover the file, at least one key has to be successful,',
      'but none were.',
    ].join('\n'),
  ].join('\n\n')
}

const wrapColumns = 60

function wrap(text: string): string {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= wrapColumns) {
      lines[lines.length - 1] = `${last} ${word}`
    } else {
      lines.push(word)
    }
  }
  return lines.join('\n      | ')
}

/** How a key is called in reports. */
export function nameOf(key: MasterKey): string {
  switch (key.kind) {
    case 'age':
      return key.recipient
    case 'pgp':
      return key.fingerprint
    case 'kms':
      return key.arn
    case 'gcp_kms':
      return key.resourceId
    case 'azure_kv':
      return `${key.vaultUrl}/keys/${key.name}/${key.version}`
    case 'hc_vault':
      return `${key.address}/v1/${key.enginePath}/keys/${key.keyName}`
  }
}

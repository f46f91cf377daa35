import { compileRegexp } from '@sluice/go'
import { SopsError } from '../sops-error.ts'
import { entryOf, itemsOf, type SopsNode, textOf } from './tree.ts'

/** A key that wraps the data key, or a share of it. `enc` is what it wrapped. */
export type MasterKey =
  | { readonly kind: 'age'; readonly recipient: string; readonly enc: string }
  | { readonly kind: 'pgp'; readonly fingerprint: string; readonly enc: string }
  | {
      readonly kind: 'kms'
      readonly arn: string
      readonly role: string
      readonly context: Readonly<Record<string, string>>
      readonly enc: string
    }
  | { readonly kind: 'gcp_kms'; readonly resourceId: string; readonly enc: string }
  | {
      readonly kind: 'azure_kv'
      readonly vaultUrl: string
      readonly name: string
      readonly version: string
      readonly enc: string
    }
  | {
      readonly kind: 'hc_vault'
      readonly address: string
      readonly enginePath: string
      readonly keyName: string
      readonly enc: string
    }

/** Which values are encrypted; without a rule all are but those whose key ends in `_unencrypted`. */
export type SelectionRule =
  | { readonly kind: 'unencryptedSuffix'; readonly suffix: string }
  | { readonly kind: 'encryptedSuffix'; readonly suffix: string }
  | { readonly kind: 'unencryptedRegex'; readonly matches: (text: string) => boolean }
  | { readonly kind: 'encryptedRegex'; readonly matches: (text: string) => boolean }

/** What a document says about its own encryption. */
export type SopsMetadata = {
  readonly mac: string
  readonly lastModified: string
  /** One group is enough unless there are several: then `threshold` of them are needed, all when 0. */
  readonly groups: readonly (readonly MasterKey[])[]
  readonly threshold: number
  readonly rule: SelectionRule
  readonly macOnlyEncrypted: boolean
}

const keyLists = ['age', 'pgp', 'kms', 'gcp_kms', 'azure_kv', 'hc_vault'] as const
const maxKeys = 256

/**
 * Reads the part `sops` of a document.
 *
 * @throws {SopsError} when it is not there or contradicts itself.
 */
export function readMetadata(node: SopsNode | undefined): SopsMetadata {
  const mac = textOf(entryOf(node, 'mac')) ?? ''
  if (node?.kind !== 'map') throw new SopsError('SOPS_MALFORMED', 'sops metadata not found')
  const threshold = Number(textOf(entryOf(node, 'shamir_threshold')) ?? '0')
  const keyGroups = itemsOf(entryOf(node, 'key_groups')).map(keysOf)
  const groups = keyGroups.length > 0 ? keyGroups : [keysOf(node)]
  if (groups.reduce((count, keys) => count + keys.length, 0) > maxKeys) {
    throw new SopsError('SOPS_MALFORMED', `more than ${maxKeys} master keys`)
  }
  return {
    mac,
    lastModified: normalTime(textOf(entryOf(node, 'lastmodified')) ?? ''),
    groups,
    threshold: Number.isSafeInteger(threshold) ? threshold : 0,
    rule: ruleOf(node),
    macOnlyEncrypted: /^(1|t|T|TRUE|true|True)$/.test(textOf(entryOf(node, 'mac_only_encrypted')) ?? ''),
  }
}

function keysOf(group: SopsNode): readonly MasterKey[] {
  return keyLists.flatMap((list) => itemsOf(entryOf(group, list)).map((item) => keyOf(list, item)))
}

function keyOf(list: (typeof keyLists)[number], item: SopsNode): MasterKey {
  const text = (name: string): string => textOf(entryOf(item, name)) ?? ''
  const enc = text('enc')
  switch (list) {
    case 'age':
      return { kind: 'age', recipient: text('recipient'), enc }
    case 'pgp':
      return { kind: 'pgp', fingerprint: text('fp'), enc }
    case 'kms':
      return {
        kind: 'kms',
        arn: text('arn'),
        role: text('role'),
        context: contextOf(entryOf(item, 'context')),
        enc,
      }
    case 'gcp_kms':
      return { kind: 'gcp_kms', resourceId: text('resource_id'), enc }
    case 'azure_kv':
      return {
        kind: 'azure_kv',
        vaultUrl: text('vault_url'),
        name: text('name'),
        version: text('version'),
        enc,
      }
    case 'hc_vault':
      return {
        kind: 'hc_vault',
        address: text('vault_address'),
        enginePath: text('engine_path'),
        keyName: text('key_name'),
        enc,
      }
  }
}

function contextOf(node: SopsNode | undefined): Readonly<Record<string, string>> {
  if (node?.kind !== 'map') return {}
  return Object.fromEntries(node.entries.map(([key, value]) => [key, textOf(value) ?? '']))
}

function ruleOf(node: SopsNode): SelectionRule {
  const rules = (
    [
      'unencrypted_suffix',
      'encrypted_suffix',
      'unencrypted_regex',
      'encrypted_regex',
      'unencrypted_comment_regex',
      'encrypted_comment_regex',
    ] as const
  ).flatMap((name) => {
    const text = textOf(entryOf(node, name))
    return text ? [{ name, text }] : []
  })
  if (rules.length > 1) {
    throw new SopsError(
      'SOPS_MALFORMED',
      'Cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same file',
    )
  }
  const [rule] = rules
  // Files written before the suffix could be chosen do not name it.
  if (!rule) return { kind: 'unencryptedSuffix', suffix: '_unencrypted' }
  switch (rule.name) {
    case 'unencrypted_suffix':
      return { kind: 'unencryptedSuffix', suffix: rule.text }
    case 'encrypted_suffix':
      return { kind: 'encryptedSuffix', suffix: rule.text }
    case 'unencrypted_regex':
      return { kind: 'unencryptedRegex', matches: compile(rule.text) }
    case 'encrypted_regex':
      return { kind: 'encryptedRegex', matches: compile(rule.text) }
    case 'unencrypted_comment_regex':
    case 'encrypted_comment_regex':
      throw new SopsError('SOPS_UNSUPPORTED', `${rule.name} is not supported`)
  }
}

function compile(pattern: string): (text: string) => boolean {
  try {
    const compiled = compileRegexp(pattern)
    return (text) => compiled.test(text)
  } catch (cause) {
    throw new SopsError('SOPS_MALFORMED', 'invalid regular expression in the sops metadata', { cause })
  }
}

/** Go prints the time that it read: fractions of a second go, an offset stays. */
function normalTime(text: string): string {
  return text.replace(/\.\d+(?=Z|[+-])/, '')
}

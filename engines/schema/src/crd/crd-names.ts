import { checkDns1035Label, checkDnsSubdomain } from '@sluice/cel'
import type { JsonObject } from '@sluice/ports'
import {
  childPath,
  type FieldError,
  forbidden,
  indexPath,
  invalid,
  notSupported,
  required,
} from '../errors/field-error.ts'
import { isSet, schemaAt, textAt, textsAt } from './keywords.ts'

/** Checks the group, the scope and the names of a CRD's spec. */
export function checkGroupAndScope(errors: FieldError[], spec: JsonObject): void {
  const group = textAt(spec, 'group')
  const problems = checkDnsSubdomain(group)
  if (group === '') errors.push(required('spec.group', ''))
  else if (problems.length > 0) errors.push(invalid('spec.group', group, problems.join(',')))
  else if (!group.includes('.')) {
    errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'))
  }
  const scope = textAt(spec, 'scope')
  if (scope === '') errors.push(required('spec.scope', ''))
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    errors.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']))
  }
}

export function checkNames(errors: FieldError[], spec: JsonObject): void {
  const names = schemaAt(spec, 'names') ?? {}
  const path = 'spec.names'
  for (const name of ['plural', 'singular', 'kind', 'listKind']) {
    if (textAt(names, name) === '') errors.push(required(childPath(path, name), ''))
  }
  for (const name of ['plural', 'singular']) checkLabel(errors, textAt(names, name), childPath(path, name))
  for (const name of ['kind', 'listKind']) {
    const value = textAt(names, name)
    const problems = value === '' ? [] : checkDns1035Label(value.toLowerCase())
    if (problems.length === 0) continue
    const detail = `may have mixed case, but should otherwise match: ${problems.join(',')}`
    errors.push(invalid(childPath(path, name), value, detail))
  }
  checkLabels(errors, textsAt(names, 'shortNames'), childPath(path, 'shortNames'))
  const kind = textAt(names, 'kind')
  if (kind !== '' && kind === names['listKind']) {
    errors.push(invalid(childPath(path, 'listKind'), kind, 'kind and listKind may not be the same'))
  }
  checkLabels(errors, textsAt(names, 'categories'), childPath(path, 'categories'))
}

function checkLabels(errors: FieldError[], labels: readonly string[], path: string): void {
  for (const [index, label] of labels.entries()) {
    const problems = checkDns1035Label(label)
    if (problems.length > 0) errors.push(invalid(indexPath(path, index), label, problems.join(',')))
  }
}

export function checkLabel(errors: FieldError[], label: string, path: string): void {
  const problems = label === '' ? [] : checkDns1035Label(label)
  if (problems.length > 0) errors.push(invalid(path, label, problems.join(',')))
}

/** Checks how versions are converted: not at all, or by a webhook. */
export function checkConversion(errors: FieldError[], conversion: JsonObject | undefined): void {
  if (!conversion) return
  const strategy = textAt(conversion, 'strategy')
  const path = 'spec.conversion'
  if (strategy === '') errors.push(required(childPath(path, 'strategy'), ''))
  else if (strategy !== 'None' && strategy !== 'Webhook') {
    errors.push(notSupported(childPath(path, 'strategy'), strategy, ['None', 'Webhook']))
  }
  const webhook = schemaAt(conversion, 'webhook') ?? {}
  if (strategy === 'Webhook') checkWebhook(errors, webhook, path)
  else if (isSet(webhook['clientConfig'])) {
    const detail = 'should not be set when strategy is not set to Webhook'
    errors.push(forbidden(childPath(path, 'webhookClientConfig'), detail))
  }
}

function checkWebhook(errors: FieldError[], webhook: JsonObject, path: string): void {
  const config = schemaAt(webhook, 'clientConfig')
  const at = childPath(path, 'webhookClientConfig')
  if (!config) errors.push(required(at, 'required when strategy is set to Webhook'))
  else if (isSet(config['url']) === isSet(config['service'])) {
    errors.push(required(at, 'exactly one of url or service is required'))
  }
  const versions = textsAt(webhook, 'conversionReviewVersions')
  const versionsPath = childPath(path, 'conversionReviewVersions')
  if (versions.length === 0) {
    errors.push(required(versionsPath, ''))
    return
  }
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) {
      errors.push(invalid(indexPath(versionsPath, index), version, 'duplicate version'))
    } else checkLabel(errors, version, indexPath(versionsPath, index))
  }
  if (!versions.includes('v1') && !versions.includes('v1beta1')) {
    errors.push(invalid(versionsPath, versions, 'must include at least one of v1, v1beta1'))
  }
}

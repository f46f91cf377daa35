import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'
import { validateAnnotations, validateLabels } from '../object-meta.ts'
import { type PodScope, validateContainers, validateInitContainers } from './container.ts'
import { validateLabelName, validateName, validateQualifiedName, validateSubdomain } from './formats.ts'
import { validateDnsConfig, validateHostAliases } from './pod-naming.ts'
import { validateAffinity, validateGates, validateSpread, validateTolerations } from './pod-placement.ts'
import { validateResourceAmount, validateResourceName } from './resources.ts'
import { validateHostUsers, validatePodSecurityContext } from './security-context.ts'
import { validateVolumes } from './volumes.ts'

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const restartPolicies = ['Always', 'OnFailure', 'Never']
const preemptionPolicies = ['PreemptLowerPriority', 'Never']
const systems = ['linux', 'windows']

type Texts = Readonly<Record<string, string>> | undefined

export function validatePodTemplate(template: JsonObject, field: string): FieldError[] {
  const { labels, annotations } = objectOf(template.metadata)
  const spec = objectOf(template.spec)
  const noDebugging = 'ephemeral containers not allowed in pod template'
  return [
    ...validateLabels(labels as Texts, `${field}.labels`),
    ...validateAnnotations(annotations as Texts, `${field}.annotations`),
    ...validatePodSpec(spec, `${field}.spec`),
    ...(listOf(spec.ephemeralContainers).length > 0
      ? [forbiddenField(`${field}.spec.ephemeralContainers`, noDebugging)]
      : []),
  ]
}

/** What is wrong with a pod's spec, in the order in which Kubernetes finds it. */
function validatePodSpec(spec: JsonObject, field: string, { isPod = false } = {}): FieldError[] {
  const volumes = validateVolumes(listOf(spec.volumes), `${field}.volumes`)
  const claims = listOf(spec.resourceClaims)
  const scope: PodScope = {
    volumes: volumes.valid,
    claims: new Set(claims.map((it) => textOf(it.name)).filter((it) => it !== '')),
    graceSeconds: numberOf(spec.terminationGracePeriodSeconds),
    restartPolicy: textOf(spec.restartPolicy),
    hostUsers: spec.hostUsers !== false,
  }
  return [
    ...volumes.errors,
    ...validateResourceClaims(claims, `${field}.resourceClaims`),
    ...validateContainers(listOf(spec.containers), `${field}.containers`, scope),
    ...validateInitContainers(spec, `${field}.initContainers`, scope),
    ...validateHostNetwork(spec, `${field}.containers`, isPod),
    ...oneOf(spec.restartPolicy, `${field}.restartPolicy`, restartPolicies),
    ...oneOf(spec.dnsPolicy, `${field}.dnsPolicy`, dnsPolicies),
    ...validateLabels(spec.nodeSelector as Texts, `${field}.nodeSelector`),
    ...validatePodSecurityContext(spec, `${field}.securityContext`),
    ...validateAffinity(objectOf(spec.affinity), `${field}.affinity`),
    ...validateDnsConfig(spec, `${field}.dnsConfig`),
    ...listOf(spec.readinessGates).flatMap(({ conditionType }, index) =>
      validateQualifiedName(textOf(conditionType), `${field}.readinessGates[${index}].conditionType`),
    ),
    ...validateGates(listOf(spec.schedulingGates), `${field}.schedulingGates`),
    ...validateSpread(listOf(spec.topologySpreadConstraints), `${field}.topologySpreadConstraints`),
    ...validateHostUsers(spec, field),
    ...validateSubdomain(textOf(spec.serviceAccountName), `${field}.serviceAccountName`),
    ...validateSubdomain(textOf(spec.nodeName), `${field}.nodeName`),
    ...deadline(spec.activeDeadlineSeconds, `${field}.activeDeadlineSeconds`),
    ...['hostname', 'subdomain'].flatMap((name) => validateLabelName(textOf(spec[name]), `${field}.${name}`)),
    ...validateTolerations(listOf(spec.tolerations), `${field}.tolerations`),
    ...validateHostAliases(listOf(spec.hostAliases), `${field}.hostAliases`),
    ...validateSubdomain(textOf(spec.priorityClassName), `${field}.priorityClassName`),
    ...validateSubdomain(textOf(spec.runtimeClassName), `${field}.runtimeClassName`),
    ...oneOf(spec.preemptionPolicy, `${field}.preemptionPolicy`, preemptionPolicies),
    ...Object.entries(objectOf(spec.overhead)).flatMap(([name, amount]) => [
      ...validateResourceName(name, `${field}.overhead[${name}]`, 'container'),
      ...validateResourceAmount(name, amount, `${field}.overhead[${name}]`),
    ]),
    ...validateSystem(spec.os, `${field}.os`),
  ]
}

function oneOf(value: unknown, field: string, choices: readonly string[]): FieldError[] {
  const text = textOf(value)
  if (text === '') return value === undefined ? [] : [required(field)]
  return choices.includes(text) ? [] : [notSupported(field, text, choices)]
}

function deadline(value: unknown, field: string): FieldError[] {
  const isBad = typeof value === 'number' && (value < 1 || value > 2_147_483_647)
  return isBad ? [invalidValue(field, value, 'must be between 1 and 2147483647, inclusive')] : []
}

function validateResourceClaims(claims: readonly JsonObject[], field: string): FieldError[] {
  const names = new Set<string>()
  return claims.flatMap((claim, index) => {
    const at = `${field}[${index}]`
    const name = textOf(claim.name)
    const { resourceClaimName, resourceClaimTemplateName } = claim
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    const isRepeated = names.has(name)
    names.add(name)
    const count = [resourceClaimName, resourceClaimTemplateName].filter((it) => it !== undefined).length
    return [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(isRepeated ? [duplicate(`${at}.name`, name)] : validateName(name, `${at}.name`, dnsLabel)),
      ...(count === 2
        ? [
            invalidValue(
              at,
              shown,
              'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
            ),
          ]
        : []),
      ...(count === 0
        ? [invalidValue(at, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')]
        : []),
      ...validateSubdomain(textOf(resourceClaimName), `${at}.resourceClaimName`),
      ...validateSubdomain(textOf(resourceClaimTemplateName), `${at}.resourceClaimTemplateName`),
    ]
  })
}

/** On the network of its machine a pod has the ports that it names, no others. */
function validateHostNetwork(spec: JsonObject, field: string, isPod: boolean): FieldError[] {
  if (spec.hostNetwork !== true) return []
  const problem = 'must match `containerPort` when `hostNetwork` is true'
  return listOf(spec.containers).flatMap(({ ports }, index) =>
    listOf(ports).flatMap(({ hostPort = 0, containerPort = 0 }, at) =>
      hostPort === containerPort || (hostPort === 0 && !isPod)
        ? []
        : [invalidValue(`${field}[${index}].ports[${at}].hostPort`, hostPort, problem)],
    ),
  )
}

function validateSystem(system: unknown, field: string): FieldError[] {
  if (system === undefined) return []
  const name = textOf(objectOf(system).name)
  if (name === '') return [required(`${field}.name`, 'cannot be empty')]
  return systems.includes(name) ? [] : [notSupported(field, name, systems)]
}

export function validatePod(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  return [
    ...validatePodSpec(spec, 'spec', { isPod: true }),
    // Templates may have such an image, pods may not.
    ...['containers', 'initContainers'].flatMap((list) =>
      listOf(spec[list]).flatMap(({ image }, index) =>
        textOf(image).trim() === textOf(image)
          ? []
          : [
              invalidValue(
                `spec.${list}[${index}].image`,
                image,
                'must not have leading or trailing whitespace',
              ),
            ],
      ),
    ),
  ]
}

/** What only a pod that is made must keep to. */
export function validateNewPod(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const isGated = listOf(spec.schedulingGates).length > 0
  return [
    ...(listOf(spec.ephemeralContainers).length > 0
      ? [forbiddenField('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(isGated && textOf(spec.nodeName) !== ''
      ? [forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
  ]
}

import type { JsonObject } from '@sluice/ports'
import { change, changeItems, fill, listOf, objectOf, textOf } from '../json-fields.ts'

const fileMode = 0o644
const tokenSeconds = 3600

/**
 * A pod template with what its author may leave out.
 *
 * Source: the API reference of Kubernetes 1.36 and its answers.
 */
export function defaultPodTemplate(template: JsonObject): JsonObject {
  const spec = defaultPodSpec(objectOf(template.spec))
  return { ...fill(template, { metadata: {} }), spec }
}

/** A pod's spec with what its author may leave out. Without containers there is nothing to run, hence no defaults. */
export function defaultPodSpec(spec: JsonObject): JsonObject {
  const filled = fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  })
  const withContainers = ['containers', 'initContainers', 'ephemeralContainers'].reduce(
    (current, name) => changeItems(current, name, defaultContainer),
    withServiceAccount(filled),
  )
  return changeItems(withContainers, 'volumes', defaultVolume)
}

/** The account's old name stands beside its new one. */
function withServiceAccount(spec: JsonObject): JsonObject {
  const account = textOf(spec.serviceAccountName) || textOf(spec.serviceAccount)
  return account === '' ? spec : { ...spec, serviceAccountName: account, serviceAccount: account }
}

function defaultContainer(container: JsonObject): JsonObject {
  const filled = fill(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(textOf(container.image)),
  })
  const withPorts = changeItems(filled, 'ports', (port) => fill(port, { protocol: 'TCP' }))
  const withEnv = changeItems(withPorts, 'env', (it) =>
    change(it, 'valueFrom', (source) => change(source, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' }))),
  )
  const withProbes = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(
    (current, name) => change(current, name, defaultProbe),
    withEnv,
  )
  return change(withProbes, 'lifecycle', (lifecycle) =>
    ['postStart', 'preStop'].reduce((current, name) => change(current, name, defaultHandler), lifecycle),
  )
}

function pullPolicy(image: string): string {
  if (image.includes('@')) return 'IfNotPresent'
  const name = image.slice(image.lastIndexOf('/') + 1)
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest'
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function defaultProbe(probe: JsonObject): JsonObject {
  return fill(defaultHandler(probe), {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  })
}

function defaultHandler(handler: JsonObject): JsonObject {
  const withHttp = change(handler, 'httpGet', (it) => fill(it, { path: '/', scheme: 'HTTP' }))
  return change(withHttp, 'grpc', (it) => fill(it, { service: '' }))
}

function defaultVolume(volume: JsonObject): JsonObject {
  // A volume of no kind is an empty directory.
  const kinds = Object.keys(volume).filter((it) => it !== 'name')
  if (kinds.length === 0) return { ...volume, emptyDir: {} }
  const withModes = ['secret', 'configMap', 'downwardAPI', 'projected'].reduce(
    (current, name) => change(current, name, (it) => fill(it, { defaultMode: fileMode })),
    volume,
  )
  return [
    ['downwardAPI', (it: JsonObject) => changeItems(it, 'items', defaultDownwardItem)],
    ['projected', (it: JsonObject) => changeItems(it, 'sources', defaultProjection)],
    ['hostPath', (it: JsonObject) => fill(it, { type: '' })],
    ['iscsi', (it: JsonObject) => fill(it, { iscsiInterface: 'default' })],
    ['rbd', (it: JsonObject) => fill(it, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' })],
    ['ephemeral', defaultEphemeral],
  ].reduce(
    (current, [name, next]) => change(current, name as string, next as (it: JsonObject) => JsonObject),
    withModes,
  )
}

function defaultEphemeral(ephemeral: JsonObject): JsonObject {
  return change(ephemeral, 'volumeClaimTemplate', (template) =>
    change(template, 'spec', (spec) => fill(spec, { volumeMode: 'Filesystem' })),
  )
}

function defaultProjection(source: JsonObject): JsonObject {
  const withToken = change(source, 'serviceAccountToken', (it) =>
    fill(it, { expirationSeconds: tokenSeconds }),
  )
  return change(withToken, 'downwardAPI', (it) => changeItems(it, 'items', defaultDownwardItem))
}

function defaultDownwardItem(item: JsonObject): JsonObject {
  return change(item, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' }))
}

/** On the network of its machine a pod, unlike a template, has its ports there. */
export function defaultHostPorts(spec: JsonObject): JsonObject {
  if (spec.hostNetwork !== true) return spec
  return ['containers', 'initContainers'].reduce(
    (current, name) =>
      changeItems(current, name, (container) =>
        changeItems(container, 'ports', (port) => fill(port, { hostPort: port.containerPort })),
      ),
    spec,
  )
}

/** Requests that are not set are what the limits allow. */
export function defaultRequests(spec: JsonObject): JsonObject {
  return ['containers', 'initContainers'].reduce(
    (current, name) => changeItems(current, name, withRequests),
    spec,
  )
}

function withRequests(container: JsonObject): JsonObject {
  return change(container, 'resources', (resources) => {
    const limits = objectOf(resources.limits)
    if (Object.keys(limits).length === 0) return resources
    return { ...resources, requests: fill(objectOf(resources.requests), limits) }
  })
}

/** Containers of all kinds, init containers first. */
export function allContainers(spec: JsonObject): readonly JsonObject[] {
  return [...listOf(spec.initContainers), ...listOf(spec.containers)]
}

import type { JsonObject, KubeObject } from '@sluice/ports'
import { listOf, numberOf, objectOf, stringsOf, textOf } from '../kinds/json-fields.ts'
import type { KindCells } from './builtin-cells.ts'
import { since } from './format.ts'
import { podReady, podRestarts, podStatus } from './pod-cells.ts'
import { isTrue, orNone, printAccessModes, printSome } from './print.ts'

const spec = (object: KubeObject): JsonObject => objectOf(object['spec'])
const status = (object: KubeObject): JsonObject => objectOf(object['status'])

const rolePrefix = 'node-role.kubernetes.io/'

function nodeStatus(object: KubeObject): string {
  const ready = listOf(status(object).conditions).find((it) => it.type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec(object).unschedulable === true ? `${state},SchedulingDisabled` : state
}

function nodeAddress(object: KubeObject, type: string): string {
  const found = listOf(status(object).addresses).find((it) => it.type === type)
  return orNone(textOf(found?.address))
}

const info = (object: KubeObject, name: string): string => {
  const text = textOf(objectOf(status(object).nodeInfo)[name])
  return text === '' ? '<unknown>' : text
}

const pvcStatus = ({ metadata, ...object }: KubeObject): string =>
  metadata.deletionTimestamp === undefined ? textOf(objectOf(object['status']).phase) : 'Terminating'

const event: KindCells = {
  'Last Seen': (object, now) => since(object['lastTimestamp'] ?? object['eventTime'], now),
  Type: (object) => textOf(object['type']),
  Reason: (object) => textOf(object['reason']),
  Object: (object) => {
    const { kind, name } = objectOf(object['involvedObject'] ?? object['regarding'])
    return `${textOf(kind).toLowerCase()}/${textOf(name)}`
  },
  Subobject: (object) => textOf(objectOf(object['involvedObject']).fieldPath),
  Source: (object) => {
    const { component, host } = objectOf(object['source'])
    const parts = [textOf(component) || textOf(object['reportingComponent']), textOf(host)]
    return parts.filter((it) => it !== '').join(', ')
  },
  Message: (object) => (textOf(object['message']) || textOf(object['note'])).trim(),
  'First Seen': (object, now) => since(object['firstTimestamp'] ?? object['eventTime'], now),
  Count: (object) => numberOf(object['count']) || 1,
}

function ports(object: KubeObject): string {
  return orNone(
    listOf(spec(object).ports)
      .map(({ port, nodePort, protocol }) => {
        const number = numberOf(nodePort) ? `${numberOf(port)}:${numberOf(nodePort)}` : `${numberOf(port)}`
        return `${number}/${textOf(protocol)}`
      })
      .join(','),
  )
}

function externalAddress(object: KubeObject): string {
  const { type, externalName, externalIPs } = spec(object)
  if (type === 'ExternalName') return textOf(externalName)
  const balancer = listOf(objectOf(status(object).loadBalancer).ingress).map(
    (it) => textOf(it.ip) || textOf(it.hostname),
  )
  const all = [...balancer, ...stringsOf(externalIPs)]
  if (all.length > 0) return all.join(',')
  return type === 'LoadBalancer' ? '<pending>' : '<none>'
}

/** Cells of the kinds of the core group. */
export const coreCells: Readonly<Record<string, KindCells>> = {
  ConfigMap: {
    Data: (object) =>
      Object.keys(objectOf(object['data'])).length + Object.keys(objectOf(object['binaryData'])).length,
  },
  Secret: {
    Type: (object) => textOf(object['type']),
    Data: (object) => Object.keys(objectOf(object['data'])).length,
  },
  Endpoints: {
    Endpoints: (object) =>
      printSome(
        listOf(object['subsets']).flatMap((subset) =>
          listOf(subset.ports).flatMap((port) =>
            listOf(subset.addresses).map((it) => `${textOf(it.ip)}:${numberOf(port.port)}`),
          ),
        ),
      ),
  },
  Event: event,
  Namespace: { Status: (object) => textOf(status(object).phase) },
  Node: {
    Status: nodeStatus,
    Roles: ({ metadata }) =>
      orNone(
        Object.keys(metadata.labels ?? {})
          .filter((it) => it.startsWith(rolePrefix))
          .map((it) => it.slice(rolePrefix.length))
          .toSorted()
          .join(','),
      ),
    Version: (object) => textOf(objectOf(status(object).nodeInfo).kubeletVersion),
    'Internal-IP': (object) => nodeAddress(object, 'InternalIP'),
    'External-IP': (object) => nodeAddress(object, 'ExternalIP'),
    'OS-Image': (object) => info(object, 'osImage'),
    'Kernel-Version': (object) => info(object, 'kernelVersion'),
    'Container-Runtime': (object) => info(object, 'containerRuntimeVersion'),
  },
  PersistentVolumeClaim: {
    Status: pvcStatus,
    Volume: (object) => textOf(spec(object).volumeName),
    Capacity: (object) => textOf(objectOf(status(object).capacity).storage),
    'Access Modes': (object) =>
      textOf(spec(object).volumeName) === '' ? '' : printAccessModes(status(object).accessModes),
    StorageClass: (object) => textOf(spec(object).storageClassName),
    VolumeAttributesClass: (object) => textOf(spec(object).volumeAttributesClassName) || '<unset>',
    VolumeMode: (object) => textOf(spec(object).volumeMode) || '<unset>',
  },
  PersistentVolume: {
    Capacity: (object) => textOf(objectOf(spec(object).capacity).storage),
    'Access Modes': (object) => printAccessModes(spec(object).accessModes),
    'Reclaim Policy': (object) => textOf(spec(object).persistentVolumeReclaimPolicy),
    Status: pvcStatus,
    Claim: (object) => {
      const { namespace, name } = objectOf(spec(object).claimRef)
      return name === undefined ? '' : `${textOf(namespace)}/${textOf(name)}`
    },
    StorageClass: (object) => textOf(spec(object).storageClassName),
    VolumeAttributesClass: (object) => textOf(spec(object).volumeAttributesClassName) || '<unset>',
    Reason: (object) => textOf(status(object).reason),
    VolumeMode: (object) => textOf(spec(object).volumeMode) || '<unset>',
  },
  Pod: {
    Ready: podReady,
    Status: podStatus,
    Restarts: podRestarts,
    IP: (object) => orNone(textOf(status(object).podIP)),
    Node: (object) => orNone(textOf(spec(object).nodeName)),
    'Nominated Node': (object) => orNone(textOf(status(object).nominatedNodeName)),
    'Readiness Gates': (object) => {
      const gates = listOf(spec(object).readinessGates)
      const passed = gates.filter((it) => isTrue(object, textOf(it.conditionType)))
      return gates.length === 0 ? '<none>' : `${passed.length}/${gates.length}`
    },
  },
  ResourceQuota: {
    Request: (object) => quota(object, (it) => !it.startsWith('limits.')),
    Limit: (object) => quota(object, (it) => it.startsWith('limits.')),
  },
  Service: {
    Type: (object) => textOf(spec(object).type),
    'Cluster-IP': (object) => orNone(textOf(spec(object).clusterIP)),
    'External-IP': externalAddress,
    'Port(s)': ports,
  },
}

function quota(object: KubeObject, wanted: (name: string) => boolean): string {
  const { hard, used } = status(object)
  return Object.keys(objectOf(hard))
    .filter(wanted)
    .toSorted()
    .map((name) => `${name}: ${textOf(objectOf(used)[name])}/${textOf(objectOf(hard)[name])}`)
    .join(', ')
}

import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'

/** The name says what the node is, wherever `kubectl` prints it. */
export const nodeName = 'sluice-simulated'

/** The version column of `kubectl get nodes`. */
const kubeletVersion = 'v1.36.2-simulated'
const explanation =
  'pods on this node are simulated: their objects change as if they ran, but no container runs'

/** The node as it registers itself. */
export function nodeObject(timestamp: string): KubeObject {
  const capacity = { cpu: '64', memory: '256Gi', pods: '10000', 'ephemeral-storage': '1Ti' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
        'node.sluice.dev/simulated': 'true',
      },
      annotations: { 'node.sluice.dev/explanation': explanation },
    },
    spec: { podCIDR: '10.244.0.0/16', podCIDRs: ['10.244.0.0/16'], providerID: `sluice://${nodeName}` },
    status: {
      capacity,
      allocatable: capacity,
      addresses: [
        { type: 'InternalIP', address: '127.0.0.1' },
        { type: 'Hostname', address: nodeName },
      ],
      conditions: [
        healthy('MemoryPressure', 'KubeletHasSufficientMemory', timestamp),
        healthy('DiskPressure', 'KubeletHasNoDiskPressure', timestamp),
        healthy('PIDPressure', 'KubeletHasSufficientPID', timestamp),
        {
          type: 'Ready',
          status: 'True',
          reason: 'SimulatedNodeReady',
          message: explanation,
          lastHeartbeatTime: timestamp,
          lastTransitionTime: timestamp,
        },
      ],
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'simulated://1',
        kernelVersion: 'none',
        kubeProxyVersion: kubeletVersion,
        kubeletVersion,
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Sluice simulated node',
        systemUUID: '',
      },
    },
  }
}

function healthy(type: string, reason: string, timestamp: string): object {
  const message = 'a simulated node has all it needs'
  const times = { lastHeartbeatTime: timestamp, lastTransitionTime: timestamp }
  return { type, status: 'False', reason, message, ...times }
}

/** Creates `wanted` unless it is there, with its status. */
export async function ensureObject(
  cluster: Cluster,
  wanted: KubeObject,
  { resource, signal }: { readonly resource: Resource; readonly signal: AbortSignal },
): Promise<void> {
  const write = { fieldManager: 'kubelet', signal }
  try {
    const created = await cluster.create(resource, wanted, write)
    const { status } = wanted
    if (status === undefined) return
    await cluster.update(resource, { ...created, status }, { ...write, subresource: 'status' })
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error
  }
}

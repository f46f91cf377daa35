import type { KubeObject } from '@sluice/ports'
import { sameContent } from './workloads/workload.ts'
import { type Controller, itself } from './world/controller.ts'
import type { World } from './world/world.ts'

type Claim = KubeObject & {
  readonly spec: {
    readonly accessModes?: readonly string[]
    readonly resources?: { readonly requests?: { readonly storage?: string } }
    readonly storageClassName?: string
    readonly volumeMode?: string
    readonly volumeName?: string
  }
  readonly status?: { readonly phase?: string }
}

type Volume = KubeObject & {
  readonly spec: { readonly claimRef?: { readonly uid?: string }; readonly capacity?: object }
  readonly status?: { readonly phase?: string }
}

/** The storage class that the node offers; claims without a class are served as well. */
export const storageClass: KubeObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'simulated',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'node.sluice.dev/simulated',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
}

const provisionedBy = { 'pv.kubernetes.io/provisioned-by': 'node.sluice.dev/simulated' }

/** Gives each claim a volume of the size that it asks for, without any storage behind it. */
export const volumeController: Controller = {
  name: 'persistentvolume-binder',
  triggers: {
    persistentvolumeclaims: itself,
    persistentvolumes: (volume, world) => {
      const uid = (volume as Volume).spec.claimRef?.uid
      const claims = [...world.objects('persistentvolumeclaims').all()]
      return claims.filter(({ metadata }) => metadata.uid === uid).flatMap(itself)
    },
  },
  reconcile: async (key, world) => {
    const claim = world.objects('persistentvolumeclaims').get(key) as Claim | undefined
    if (!claim) return await removeVolumes(world)
    // Nothing uses a simulated volume, so the finalizer that guards volumes in use can go at once.
    if (claim.metadata.deletionTimestamp) return await release(claim, world)
    if (claim.status?.phase === 'Bound') return undefined
    await bind(claim, world)
    return undefined
  },
}

/** Says which volumes are free, and lets go of those that nobody uses. */
export const volumePhaseController: Controller = {
  name: 'persistentvolume-phase',
  triggers: {
    persistentvolumes: itself,
    persistentvolumeclaims: ({ metadata: { uid } }, world) => {
      const volumes = [...world.objects('persistentvolumes').all()] as Volume[]
      return volumes.filter(({ spec }) => spec.claimRef?.uid === uid).flatMap(itself)
    },
  },
  reconcile: async (key, world) => {
    const volume = world.objects('persistentvolumes').get(key) as Volume | undefined
    if (!volume) return undefined
    const { uid } = volume.spec.claimRef ?? {}
    const claims = [...world.objects('persistentvolumeclaims').all()]
    const isUsed = uid !== undefined && claims.some(({ metadata }) => metadata.uid === uid)
    if (isUsed) return undefined
    if (volume.metadata.deletionTimestamp) {
      await dropProtection('persistentvolumes', volume, world)
      return undefined
    }
    const phase = uid === undefined ? 'Available' : 'Released'
    if (volume.status?.phase === phase) return undefined
    await world.updateStatus('persistentvolumes', { ...volume, status: { ...volume.status, phase } })
    return undefined
  },
}

async function bind(claim: Claim, world: World): Promise<void> {
  const volumeName = claim.spec.volumeName ?? `pvc-${claim.metadata.uid}`
  const known = world.objects('persistentvolumes').get(`/${volumeName}`)
  const volume = (known ?? (await world.create('persistentvolumes', volumeFor(claim, volumeName)))) as Volume
  await world.updateStatus('persistentvolumes', { ...volume, status: { ...volume.status, phase: 'Bound' } })
  const bound =
    claim.spec.volumeName === undefined
      ? await world.update('persistentvolumeclaims', { ...claim, spec: { ...claim.spec, volumeName } })
      : claim
  const { accessModes } = claim.spec
  const status = { phase: 'Bound', accessModes, capacity: volume.spec.capacity }
  if (!sameContent(bound['status'], status)) {
    await world.updateStatus('persistentvolumeclaims', { ...bound, status })
  }
}

function volumeFor({ metadata, spec }: Claim, name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: provisionedBy },
    spec: {
      accessModes: spec.accessModes,
      capacity: { storage: spec.resources?.requests?.storage ?? '1Gi' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
      },
      hostPath: { path: `/simulated/${name}` },
      persistentVolumeReclaimPolicy: 'Delete',
      ...(spec.storageClassName === undefined ? {} : { storageClassName: spec.storageClassName }),
      ...(spec.volumeMode === undefined ? {} : { volumeMode: spec.volumeMode }),
    },
  }
}

const protections = new Set(['kubernetes.io/pvc-protection', 'kubernetes.io/pv-protection'])

async function release(claim: Claim, world: World): Promise<undefined> {
  await dropProtection('persistentvolumeclaims', claim, world)
  return undefined
}

/** Removes provisioned volumes whose claim is gone. */
async function removeVolumes(world: World): Promise<undefined> {
  const claims = new Set(
    [...world.objects('persistentvolumeclaims').all()].map(({ metadata }) => metadata.uid),
  )
  for (const volume of [...world.objects('persistentvolumes').all()] as Volume[]) {
    const provisioned = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by']
    if (provisioned === undefined || claims.has(volume.spec.claimRef?.uid)) continue
    await world.remove('persistentvolumes', volume)
    const left = world.objects('persistentvolumes').get(itself(volume)[0] ?? '')
    if (left?.metadata.deletionTimestamp) await dropProtection('persistentvolumes', left, world)
  }
  return undefined
}

async function dropProtection(
  kind: 'persistentvolumeclaims' | 'persistentvolumes',
  object: KubeObject,
  world: World,
): Promise<void> {
  const finalizers = object.metadata.finalizers ?? []
  const kept = finalizers.filter((name) => !protections.has(name))
  if (kept.length === finalizers.length) return
  await world.update(kind, { ...object, metadata: { ...object.metadata, finalizers: kept } })
}

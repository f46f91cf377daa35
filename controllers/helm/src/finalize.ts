import { canImpersonate, targetCluster } from '@sluice/applier'
import type { Cluster } from '@sluice/cluster'
import { isApiError } from '@sluice/cluster'
import { errorChain } from '@sluice/ports'
import { conditionTypes } from '@sluice/toolkit'
import { currentRelease } from './actions/current-release.ts'
import { uninstall } from './actions/uninstall.ts'
import { helmReasons } from './reasons.ts'
import { deleteChart } from './steps/chart-template.ts'
import { targetOptions } from './steps/target.ts'
import type { Work } from './work.ts'

/** Removes what the HelmRelease made: the release, then the HelmChart. Of a suspended one, all stays. */
export async function finalizeHelmRelease(work: Work): Promise<undefined> {
  const { run, object, deps } = work
  if (object.spec.suspend) return undefined
  await removeRelease(work)
  await deleteChart(run, deps)
  return undefined
}

async function removeRelease(work: Work): Promise<void> {
  const { run } = work
  if (!run.status.storageNamespace) return
  const target = await reach(work)
  if (!target) return
  work.target = target
  try {
    await uninstall(currentRelease(work, target))
  } finally {
    // People see why the object stays.
    if (!run.signal.aborted) await run.saveStatus()
  }
  run.log.info('uninstalled Helm release for deleted resource')
  run.status.history = undefined
  run.status.storageNamespace = undefined
}

/** The cluster of the release; nothing when the account or kubeconfig that it was made with is gone. */
async function reach({ run, object, deps, configs }: Work): Promise<Cluster | undefined> {
  const options = targetOptions(deps, { signal: run.signal, configs })
  try {
    if (await canImpersonate(object, options)) return await targetCluster(object, options)
  } catch (error) {
    run.signal.throwIfAborted()
    if (!isMissing(error)) {
      const message = `failed to build REST client getter to uninstall release: ${errorChain(error)}`
      run.conditions.markFalse(conditionTypes.ready, helmReasons.uninstallFailed, message)
      await run.saveStatus()
      throw error
    }
  }
  run.log.info('skipping Helm release uninstallation: its account or kubeconfig is gone')
  return undefined
}

function isMissing(error: unknown): boolean {
  if (isApiError(error, 'NotFound')) return true
  return error instanceof Error && error.cause !== undefined && isMissing(error.cause)
}

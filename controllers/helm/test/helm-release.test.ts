import { ApiError } from '@sluice/cluster'
import { afterEach, describe, expect, test } from 'vitest'
import { withStatus } from './fake-releases.ts'
import { artifactOf, condition, type HelmHarness, namespace, startHelm } from './helm-harness.ts'

let it: HelmHarness
afterEach(() => it.close())

const v1 = 'apps/web.v1 with chart mini@1.0.0'

async function installed(spec: object = {}): Promise<void> {
  it = startHelm()
  it.apply(spec)
  await it.settle()
  it.chartArrives()
  await it.settle()
}

describe('a HelmRelease with a chart template', () => {
  test('makes its HelmChart and waits for it', async () => {
    it = startHelm()
    it.apply({ chart: { ...chart('1.0.0'), metadata: { labels: { team: 'a' } } } })
    await it.settle()
    expect(it.read('HelmChart', 'apps-web')).toMatchObject({
      metadata: {
        namespace,
        labels: {
          team: 'a',
          'helm.toolkit.fluxcd.io/name': 'web',
          'helm.toolkit.fluxcd.io/namespace': namespace,
        },
      },
      spec: { chart: 'mini', interval: '10m0s', version: '1.0.0' },
    })
    expect(it.conditions()).toEqual([
      'Reconciling=True Progressing: Fulfilling prerequisites',
      "Ready=False SourceNotReady: HelmChart 'apps/apps-web' is not ready: latest generation of object has not been reconciled",
    ])
    expect(it.status()).toMatchObject({ helmChart: 'apps/apps-web', observedGeneration: -1 })
  })

  test('is installed when the chart is there', async () => {
    await installed({ values: { a: 1 } })
    const message = `Helm install succeeded for release ${v1}`
    expect(it.conditions()).toEqual([
      `Ready=True InstallSucceeded: ${message}`,
      `Released=True InstallSucceeded: ${message}`,
    ])
    expect(it.status()).toMatchObject({
      observedGeneration: 1,
      storageNamespace: namespace,
      lastAttemptedGeneration: 1,
      lastAttemptedRevision: '1.0.0',
      lastAttemptedReleaseAction: 'install',
      inventory: { entries: [{ id: 'apps_web-config__ConfigMap', v: 'v1' }] },
    })
    expect(it.history()).toEqual(['v1 deployed install'])
    expect(await it.events()).toEqual([
      "Normal HelmChartCreated: Created HelmChart/apps/apps-web with SourceRef 'HelmRepository/apps/lab'",
      `Normal InstallSucceeded: ${message}`,
    ])
  })

  test('costs no request at its interval while nothing changes', async () => {
    await installed()
    it.server.requests.length = 0
    await it.settle(660_000)
    expect(it.server.requests).toEqual([])
    expect(it.releases.actions).toEqual(['install web'])
  })

  test('is upgraded by new values, a new version and new post-renderers', async () => {
    await installed()
    it.apply({ values: { a: 2 } })
    await it.settle()
    it.apply({ values: { a: 2 }, chart: chart('2.0.0') })
    await it.settle()
    it.chartArrives('2.0.0')
    await it.settle()
    it.apply({ values: { a: 2 }, chart: chart('2.0.0'), commonMetadata: { labels: { x: 'y' } } })
    await it.settle()
    it.chartArrives('2.0.0')
    await it.settle()
    expect(it.releases.actions).toEqual(['install web', 'upgrade web', 'upgrade web', 'upgrade web'])
    expect(it.history()).toEqual(['v4 deployed upgrade', 'v3 superseded'])
    expect(it.status().observedCommonMetadataDigest).toMatch(/^sha256:/)
  })

  test('is uninstalled and loses its HelmChart when it is deleted', async () => {
    await installed()
    it.server.remove('/apis/helm.toolkit.fluxcd.io/v2/helmreleases', namespace, 'web')
    await it.settle()
    expect([it.read('HelmRelease', 'web'), it.read('HelmChart', 'apps-web')]).toEqual([undefined, undefined])
    expect((await it.events()).slice(2)).toEqual([
      `Normal UninstallSucceeded: Helm uninstall succeeded for release ${v1}`,
      "Normal HelmChartDeleted: deleted HelmChart 'apps/apps-web'",
    ])
  })

  test('stays when it cannot be uninstalled, and says why', async () => {
    await installed()
    it.releases.fates.set('uninstall', ['fails'])
    it.server.remove('/apis/helm.toolkit.fluxcd.io/v2/helmreleases', namespace, 'web')
    await it.settle()
    expect(it.conditions()[0]).toBe(
      `Ready=False UninstallFailed: Helm uninstall failed for release ${v1}: stuck`,
    )
    await it.settle(1_000)
    expect(it.read('HelmRelease', 'web')).toBeUndefined()
  })

  test('leaves everything when it is suspended and deleted', async () => {
    await installed()
    it.apply({ suspend: true })
    await it.settle()
    expect(it.status().observedGeneration).toBe(2)
    it.server.remove('/apis/helm.toolkit.fluxcd.io/v2/helmreleases', namespace, 'web')
    await it.settle()
    expect(it.read('HelmRelease', 'web')).toBeUndefined()
    expect(it.read('HelmChart', 'apps-web')).toBeDefined()
    expect(it.releases.actions).toEqual(['install web'])
  })
})

describe('failures', () => {
  test('an installation without retries stalls', async () => {
    it = startHelm()
    it.releases.fates.set('install', ['fails'])
    it.apply()
    await it.settle()
    it.chartArrives()
    await it.settle()
    const message = 'Helm install failed for release apps/web with chart mini@1.0.0: timed out'
    expect(it.conditions()).toEqual([
      'Stalled=True RetriesExceeded: Failed to install after 1 attempt(s)',
      `Ready=False InstallFailed: ${message}`,
      `Released=False InstallFailed: ${message}`,
    ])
    expect(it.status()).toMatchObject({ failures: 1, installFailures: 1, observedGeneration: 1 })
    expect(await it.events()).toContain(`Warning InstallFailed: ${message}\n\nLast Helm logs:\n\na line`)
    it.apply({ values: { a: 1 } })
    await it.settle()
    expect(it.conditions()[0]).toMatch(/^Ready=True UpgradeSucceeded/)
    expect(it.status().failures).toBeUndefined()
  })

  test('an installation is told of under its whole name', async () => {
    it = startHelm()
    it.releases.fates.set('install', ['fails'])
    const name = 'a'.repeat(60)
    it.apply({ releaseName: name })
    await it.settle()
    it.chartArrives()
    await it.settle()
    expect(it.conditions()[1]).toMatch(`Helm install failed for release apps/${name} with chart`)
    expect(it.status().history?.[0]?.name).toHaveLength(53)
  })

  test('an installation is undone and tried again as often as asked', async () => {
    it = startHelm()
    it.releases.fates.set('install', ['fails', 'fails', 'fails'])
    it.apply({ install: { remediation: { retries: 2, remediateLastFailure: true } } })
    await it.settle()
    it.chartArrives()
    await it.settle()
    expect(it.conditions()[0]).toMatch(/^Reconciling=True ProgressingWithRetry: Helm install failed/)
    await it.later(5_000)
    expect(it.releases.actions).toEqual([
      'install web',
      'uninstall web',
      'install web',
      'uninstall web',
      'install web',
      'uninstall web',
    ])
    expect(it.conditions()).toEqual([
      'Stalled=True RetriesExceeded: Failed to install after 3 attempt(s)',
      'Ready=False InstallFailed: Helm install failed for release apps/web with chart mini@1.0.0: timed out',
      'Released=False InstallFailed: Helm install failed for release apps/web with chart mini@1.0.0: timed out',
      `Remediated=True UninstallSucceeded: Helm uninstall remediation for release ${v1} succeeded`,
    ])
  })

  test('an upgrade is rolled back, and tried again', async () => {
    await installed()
    it.releases.fates.set('upgrade', ['fails', 'fails'])
    it.apply({ values: { a: 2 }, upgrade: { remediation: { retries: 1 } } })
    await it.later(5_000)
    expect(it.releases.actions.slice(1)).toEqual([
      'upgrade web',
      'rollback to 1 of web',
      'upgrade web',
      'rollback to 3 of web',
    ])
    expect(it.conditions()).toEqual([
      'Stalled=True RetriesExceeded: Failed to upgrade after 2 attempt(s)',
      'Ready=False RollbackSucceeded: Helm rollback to previous release apps/web.v3 with chart mini@1.0.0 succeeded',
      'Released=False UpgradeFailed: Helm upgrade failed for release apps/web with chart mini@1.0.0: timed out',
      'Remediated=True RollbackSucceeded: Helm rollback to previous release apps/web.v3 with chart mini@1.0.0 succeeded',
    ])
    expect(it.history()).toEqual(['v5 deployed rollback', 'v4 failed upgrade', 'v3 superseded rollback'])
    // Back to what is deployed: nothing has to be done for it.
    it.apply({})
    await it.settle()
    expect(it.conditions()).toEqual([
      'Ready=True UpgradeSucceeded: Helm upgrade succeeded for release apps/web.v5 with chart mini@1.0.0',
      'Released=True UpgradeSucceeded: Helm upgrade succeeded for release apps/web.v5 with chart mini@1.0.0',
    ])
  })

  test('an upgrade whose target is gone from the records is tried again', async () => {
    await installed()
    it.releases.fates.set('upgrade', ['fails'])
    it.apply({ values: { a: 2 }, upgrade: { remediation: { retries: 1 } } })
    it.releases.fates.set('rollback to 1 of', ['is refused'])
    await it.settle()
    it.releases.records.set('apps/web', it.releases.records.get('apps/web')!.slice(1))
    await it.later(5_000)
    expect(it.releases.actions.slice(1)).toEqual(['upgrade web', 'rollback to 1 of web', 'upgrade web'])
    expect(it.conditions()[0]).toMatch(/^Ready=True UpgradeSucceeded/)
  })

  test('a rollback without a release to go back to stalls', async () => {
    it = startHelm()
    it.releases.fates.set('upgrade', ['fails'])
    it.releases.fates.set('install', ['fails'])
    it.apply({ upgrade: { remediation: { retries: 3 } } })
    await it.settle()
    it.chartArrives()
    await it.settle()
    it.apply({ upgrade: { remediation: { retries: 3 } }, values: { a: 1 } })
    await it.settle()
    expect(it.conditions()[0]).toBe(
      'Stalled=True MissingRollbackTarget: Failed to perform remediation: missing target release for rollback: cannot remediate failed release',
    )
  })

  test('a refused action is tried again with backoff and counts for nothing but itself', async () => {
    it = startHelm()
    it.releases.fates.set('install', ['is refused', 'is refused'])
    it.apply()
    await it.settle()
    it.chartArrives()
    await it.settle()
    expect(it.conditions()).toEqual([
      "Reconciling=True Progressing: Running 'install' action with timeout of 1m0s",
      'Ready=False InstallFailed: Helm install failed for release apps/web with chart mini@1.0.0: refused',
      'Released=False InstallFailed: Helm install failed for release apps/web with chart mini@1.0.0: refused',
    ])
    expect(it.status()).toMatchObject({ failures: 1, observedGeneration: -1 })
    expect(it.status().installFailures).toBeUndefined()
    await it.later(3_000)
    expect(it.conditions()[0]).toMatch(/^Ready=True InstallSucceeded/)
  })

  test('with RetryOnFailure nothing is undone', async () => {
    it = startHelm()
    it.releases.fates.set('install', ['fails'])
    it.releases.fates.set('upgrade', ['fails'])
    const strategy = { name: 'RetryOnFailure', retryInterval: '1m' }
    it.apply({ install: { strategy }, upgrade: { strategy } })
    await it.settle()
    it.chartArrives()
    await it.settle()
    expect(it.conditions()[0]).toBe('Reconciling=True ProgressingWithRetry: retrying after 1m0s')
    expect(it.status()).toMatchObject({ observedGeneration: 1, failures: 1 })
    await it.later(130_000)
    expect(it.releases.actions).toEqual(['install web', 'upgrade web', 'upgrade web'])
    expect(it.conditions()[0]).toMatch(/^Ready=True UpgradeSucceeded/)
    expect(it.status().failures).toBeUndefined()
  })
})

describe('tests', () => {
  test('are run after a release, and their success is Ready', async () => {
    it = startHelm()
    it.releases.testPhases = { one: 'Succeeded', two: 'Succeeded' }
    it.apply({ test: { enable: true, filters: [{ name: 'two', exclude: true }] } })
    await it.settle()
    it.chartArrives()
    await it.settle()
    expect(it.conditions()).toEqual([
      `Ready=True TestSucceeded: Helm test succeeded for release ${v1}: 1 test hook completed successfully`,
      `Released=True InstallSucceeded: Helm install succeeded for release ${v1}`,
      `TestSuccess=True TestSucceeded: Helm test succeeded for release ${v1}: 1 test hook completed successfully`,
    ])
    expect(it.status().history?.[0]?.testHooks).toMatchObject({ one: { phase: 'Succeeded' } })
  })

  test.for([
    [false, 'Ready=False TestFailed', 1],
    [true, 'Ready=True InstallSucceeded', undefined],
  ] as const)('that fail count unless they are ignored: %s', async ([ignoreFailures, want, count]) => {
    it = startHelm()
    it.releases.testPhases = { one: 'Failed' }
    it.releases.fates.set('test', ['fails'])
    it.apply({ test: { enable: true, ignoreFailures } })
    await it.settle()
    it.chartArrives()
    await it.settle()
    expect(it.conditions().find((line) => line.startsWith('Ready'))).toContain(want)
    expect(it.status()).toMatchObject({ failures: 1 })
    expect(it.status().installFailures).toBe(count)
  })
})

describe('a release that others touched', () => {
  test('is unlocked when its action was cut short, and upgraded', async () => {
    await installed()
    const [record] = it.releases.records.get('apps/web')!
    it.releases.records.set('apps/web', [withStatus(record!, 'pending-upgrade')])
    await it.settle(660_000)
    expect(it.releases.actions).toEqual(['install web', 'unlock web', 'upgrade web'])
    expect(await it.events()).toContain(
      `Normal PendingRelease: Unlocked Helm release ${v1} in pending-upgrade state`,
    )
    expect(it.history()).toEqual(['v2 deployed upgrade', 'v1 superseded'])
  })

  test('is taken over when somebody else changed its record', async () => {
    await installed()
    const [record] = it.releases.records.get('apps/web')!
    it.releases.records.set('apps/web', [record!, { ...record!, revision: 2 }])
    await it.settle(660_000)
    expect(it.history()).toEqual(['v3 deployed upgrade'])
  })

  test('is installed again when it is gone', async () => {
    await installed()
    it.releases.records.clear()
    await it.settle(660_000)
    expect(it.releases.actions).toEqual(['install web', 'install web'])
    expect(it.history()).toEqual(['v1 deployed install'])
  })

  test.for([
    ['enabled', 'False NoDriftDetected: No drift detected against the cluster state', ['correct web']],
    [
      'warn',
      'True DriftDetected: Cluster state of release apps/web.v1 has drifted from the desired state:\nConfigMap/apps/c changed (1 additions, 2 changes, 0 removals)',
      [],
    ],
  ] as const)('drift is handled as %s says', async ([mode, drifted, actions]) => {
    await installed({ driftDetection: { mode } })
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'c' } }
    const fields = { added: [], changed: ['/data/a', '/data/b'], missing: ['/data/c'], patch: [] }
    it.releases.drift = [{ object, kind: 'changed', ...fields }]
    await it.settle(660_000)
    expect(it.conditions()).toContain(`Drifted=${drifted}`)
    expect(it.releases.actions.slice(1)).toEqual(actions)
    expect(it.conditions()[0]).toMatch(/^Ready=True InstallSucceeded/)
  })
})

test('who writes v2beta1 finds the fields of its status', async () => {
  const applied = JSON.stringify({ apiVersion: 'helm.toolkit.fluxcd.io/v2beta1' })
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': applied }
  it = startHelm()
  it.apply({ values: { replicaCount: 2 } }, { annotations })
  await it.settle()
  it.chartArrives()
  await it.settle()
  expect(it.status()).toMatchObject({
    lastAppliedRevision: '1.0.0',
    lastReleaseRevision: 1,
    lastAttemptedValuesChecksum: '1dd4966b30314fd329b48c5892b6a85412fd0236',
  })
})

describe('requests', () => {
  test('a forced release is made once, also in sync', async () => {
    await installed()
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'a', 'reconcile.fluxcd.io/forceAt': 'a' }
    it.apply({}, { annotations })
    await it.settle(660_000)
    expect(it.releases.actions).toEqual(['install web', 'upgrade web'])
    expect(it.status()).toMatchObject({ lastHandledForceAt: 'a', lastHandledReconcileAt: 'a' })
  })

  test('failures are forgotten when it is asked for', async () => {
    it = startHelm()
    it.releases.fates.set('install', ['fails'])
    it.apply()
    await it.settle()
    it.chartArrives()
    await it.settle()
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'a', 'reconcile.fluxcd.io/resetAt': 'a' }
    it.apply({}, { annotations })
    await it.settle()
    expect(it.conditions()[0]).toMatch(/^Ready=True UpgradeSucceeded/)
    expect(it.status()).toMatchObject({ lastHandledResetAt: 'a' })
  })
})

describe('a release that is to be elsewhere', () => {
  test.for([
    ['its name', { releaseName: 'site' }, 'apps/site'],
    ['its records', { storageNamespace: 'kept' }, 'kept/web'],
    ['its namespace', { targetNamespace: 'prod' }, 'apps/prod-web'],
  ] as const)('is removed where it was when %s changes', async ([, spec, place]) => {
    await installed()
    it.apply(spec)
    await it.later(5_000)
    expect(it.releases.actions.slice(0, 2)).toEqual(['install web', 'uninstall web'])
    expect([...it.releases.records.keys()]).toEqual([place])
    expect(it.conditions()[0]).toMatch(/^Ready=True InstallSucceeded/)
  })

  test.for([
    ['Reinstall', ['install web', 'uninstall web', 'install web']],
    ['InPlaceUpdate', ['install web', 'upgrade web']],
  ] as const)('a chart of another name is released by %s', async ([chartNameChangeStrategy, actions]) => {
    await installed({ upgrade: { chartNameChangeStrategy } })
    it.chartArrives('other-1.0.0')
    await it.later(5_000)
    expect(it.releases.actions).toEqual(actions)
  })
})

const on = (dependsOn: string) => ({ annotations: { 'toolkit.sluice.dev/depends-on': dependsOn } })

describe('what a release waits for', () => {
  test('a dependency wakes it', async () => {
    it = startHelm()
    it.apply({ dependsOn: [{ name: 'db' }] })
    await it.settle()
    expect(it.conditions()[1]).toBe(
      `Ready=False DependencyNotReady: unable to get 'apps/db' dependency: helmreleases.helm.toolkit.fluxcd.io "db" not found`,
    )
    it.apply({}, { name: 'db' })
    await it.settle()
    it.chartArrives('1.0.0', 'apps-db')
    it.chartArrives()
    await it.settle()
    expect(it.conditions()[0]).toMatch(/^Ready=True InstallSucceeded/)
  })

  test('what its annotation names, with the cycle of those that wait for each other', async () => {
    it = startHelm()
    it.apply({ dependsOn: [{ name: 'web' }] }, { name: 'db' })
    it.apply({}, on('HelmRelease/db'))
    await it.settle()
    expect(it.conditions()[1]).toBe(
      "Ready=False DependencyNotReady: dependency 'HelmRelease/apps/db' is not ready: dependency cycle: HelmRelease/apps/web -> HelmRelease/apps/db -> HelmRelease/apps/web",
    )
    it.apply({}, { name: 'db' })
    await it.settle()
    it.chartArrives('1.0.0', 'apps-db')
    it.chartArrives()
    await it.settle()
    expect(it.conditions()[0]).toMatch(/^Ready=True InstallSucceeded/)
    it.apply({ interval: '20m' }, on('db'))
    await it.settle()
    expect(it.conditions().join('\n')).toContain(
      "Stalled=True DependencyNotReady: Reconciliation failed terminally due to configuration error: annotation toolkit.sluice.dev/depends-on: 'db' is not of the form",
    )
  })

  test('values', async () => {
    it = startHelm()
    it.apply({ valuesFrom: [{ kind: 'Secret', name: 's', valuesKey: 'k' }] })
    await it.settle()
    it.chartArrives()
    await it.settle()
    expect(it.conditions()[1]).toMatch(
      /^Ready=False ValuesError: could not resolve Secret chart values reference 'apps\/s' with key 'k': /,
    )
    it.put('Secret', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 's', labels: { 'reconcile.fluxcd.io/watch': 'Enabled' } },
      data: { k: btoa('a: 1') },
    })
    await it.settle(2_000)
    expect(it.conditions()[0]).toMatch(/^Ready=True InstallSucceeded/)
  })

  test('values that are no text, or that it may not read', async () => {
    it = startHelm()
    it.put('ConfigMap', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'c' },
      binaryData: { 'values.yaml': btoa('a: 1') },
    })
    it.apply({ valuesFrom: [{ kind: 'ConfigMap', name: 'c' }] })
    await it.settle()
    it.chartArrives()
    await it.settle()
    const reference = "ConfigMap chart values reference 'apps/c' with key 'values.yaml'"
    expect(it.conditions()[1]).toBe(`Ready=False ValuesError: could not resolve ${reference}: key not found`)
    const message = 'configmaps "c" is forbidden: not you'
    const forbidden = new ApiError({ code: 403, reason: 'Forbidden', message })
    it.server.fail(/GET .*configmaps\/c/, forbidden, 100)
    await it.later(3_000)
    expect(it.conditions()[1]).toBe(`Ready=False ValuesError: ${message}`)
  })

  test('a chart that is known and no longer there', async () => {
    await installed()
    it.artifacts.areLost = true
    it.apply({ values: { a: 1 } })
    await it.settle()
    expect(it.conditions().slice(0, 2)).toEqual([
      'Reconciling=True Progressing: Fulfilling prerequisites',
      'Ready=False ArtifactFailed: Source not ready: artifact not found. Retrying in 30s',
    ])
    it.artifacts.areLost = false
    await it.settle(30_000)
    expect(it.conditions()[0]).toMatch(/^Ready=True UpgradeSucceeded/)
  })

  test('an OCIRepository, whose digest is in the version', async () => {
    it = startHelm()
    it.put('OCIRepository', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata: { namespace, name: 'mini' },
      spec: { url: 'oci://x/mini', interval: '1m' },
      status: {
        observedGeneration: 1,
        artifact: artifactOf('1.0.0', '1.0.0@sha256:0123456789abcdef'),
        conditions: [condition('Ready', 'True', 'stored')],
      },
    })
    it.apply({ chart: undefined, chartRef: { kind: 'OCIRepository', name: 'mini' } })
    await it.settle()
    expect(it.status()).toMatchObject({
      lastAttemptedRevision: '1.0.0+0123456789ab',
      lastAttemptedRevisionDigest: 'sha256:0123456789abcdef',
      history: [{ chartVersion: '1.0.0+0123456789ab', ociDigest: 'sha256:0123456789abcdef' }],
    })
    it.releases.actions.length = 0
    await it.settle(660_000)
    expect(it.releases.actions).toEqual([])
  })

  test('nothing in another namespace where that is forbidden', async () => {
    it = startHelm({ noCrossNamespaceRefs: true })
    it.apply({ chart: undefined, chartRef: { kind: 'OCIRepository', name: 'mini', namespace: 'other' } })
    await it.settle()
    const message = 'cross-namespace references are not allowed: cannot access OCIRepository other/mini'
    expect(it.conditions()).toEqual([
      `Stalled=True AccessDenied: ${message}`,
      `Ready=False AccessDenied: ${message}`,
    ])
  })
})

function chart(version: string) {
  return { spec: { chart: 'mini', version, sourceRef: { kind: 'HelmRepository', name: 'lab' } } }
}

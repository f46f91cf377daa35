import { join } from 'node:path'
import { createHttp } from '@sluice/host'
import { mediaTypes, ociRepository, pushArtifact } from '@sluice/oci'
import { filesIn, pack, recordedFiles } from './packed-files.ts'

/** Annotations that the recorded `manifests/podinfo` carried. */
const podinfoAnnotations = {
  'org.opencontainers.image.created': '2024-01-01T00:00:00Z',
  'org.opencontainers.image.revision': '6.14.1@sha1:1111111111111111111111111111111111111111',
  'org.opencontainers.image.source': 'https://github.com/stefanprodan/podinfo',
}

/** Fills a registry with what the recorded ones held: the charts, and podinfo's manifests. */
export async function fillRegistry(
  registry: string,
  recordings: string,
  charts: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const http = createHttp()
  const { signal } = new AbortController()
  const options = { http, signal, timeoutMs: 10_000 }
  const podinfo = await pack(
    filesIn(recordedFiles(join(recordings, '34-tutorial-podinfo-oci-kustomization/input/oci-podinfo'))),
  )
  const manifests = ociRepository({ registry, repository: 'manifests/podinfo' }, options)
  await pushArtifact(manifests, 'latest', { content: podinfo, annotations: podinfoAnnotations })
  const chart = ociRepository({ registry, repository: 'charts/mini' }, options)
  for (const [version, content] of charts) {
    // The registries never held the last one.
    if (version === '1.0.0') continue
    await pushArtifact(chart, version, {
      content,
      layerMediaType: mediaTypes.helmChart,
      configMediaType: mediaTypes.helmConfig,
    })
  }
  await http.close()
}

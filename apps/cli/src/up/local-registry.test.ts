import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createHttp, unpackTarGz } from '@sluice/host'
import { type OciRepositoryClient, ociRepository, parseOciReference, pushArtifact } from '@sluice/oci'
import { expect, test } from 'vitest'
import { startLocalRegistry } from './local-registry.ts'
import { mirroredHttp } from './mirrored-http.ts'
import { readRegistryContent } from './registry-content.ts'

const examples = fileURLToPath(new URL('../../../../examples/registry', import.meta.url))

test('examples that name other registries are found here, and stay as they were changed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-local-registry-'))
  const credentials = { username: 'cnych', password: 's3cret' }
  const options = { directory, credentials, port: 0, content: readRegistryContent(examples) }
  const http = createHttp()
  const { signal } = new AbortController()
  const open = (url: string, mirrors: ReadonlyMap<string, string>): OciRepositoryClient =>
    ociRepository(parseOciReference(url), { http: mirroredHttp(http, mirrors), signal, timeoutMs: 5000 })
  try {
    {
      await using registry = await startLocalRegistry(options)
      const podinfo = open('oci://ghcr.io/stefanprodan/manifests/podinfo', registry.mirrors)
      const pulled = await podinfo.pullManifest('latest')
      if (pulled.kind !== 'manifest') throw new Error(pulled.kind)
      const tree = await unpackTarGz(await podinfo.pullBlob(pulled.manifest.layers[0]!, 1e6), {
        maxBytes: 1e6,
      })
      expect(tree.list('')).toContain('deployment.yaml')
      const image = open('docker.io/cnych/devops-demo', registry.mirrors)
      expect(await image.listTags()).toContain('main-25de3e1a-1695469144')
      const name = { registry: `127.0.0.1:${registry.port}`, repository: 'stefanprodan/manifests/podinfo' }
      const mine = ociRepository(
        { ...name, credentials: { kind: 'basic', ...credentials } },
        { http, signal, timeoutMs: 5000 },
      )
      await pushArtifact(mine, 'latest', { content: new TextEncoder().encode('changed') })
    }
    await using again = await startLocalRegistry(options)
    const podinfo = open('oci://ghcr.io/stefanprodan/manifests/podinfo', again.mirrors)
    const changed = await podinfo.pullManifest('latest')
    expect(changed.kind === 'manifest' && changed.manifest.layers[0]?.size).toBe('changed'.length)
  } finally {
    await http.close()
    rmSync(directory, { recursive: true })
  }
})

import { unpackTarGz } from '@sluice/host'
import type { OciManifest, OciRepositoryClient } from '@sluice/oci'
import type { FileTree } from '@sluice/ports'
import { CliError } from '../../cli-error.ts'

/** An artifact of a registry. */
export type PulledArtifact = {
  readonly digest: string
  readonly manifest: OciManifest
  readonly tree: FileTree
}

const maxLayerBytes = 1024 ** 3
const maxUnpackedBytes = 4 * 1024 ** 3
const gzipMagic = [0x1f, 0x8b] as const

/** Pulls an artifact and unpacks its first layer. @throws {CliError} when it has none */
export async function pullFiles(client: OciRepositoryClient, reference: string): Promise<PulledArtifact> {
  const pulled = await client.pullManifest(reference)
  if (pulled.kind === 'index') throw new CliError('the reference is an index, not an artifact')
  const [layer] = pulled.manifest.layers
  if (!layer) throw new CliError('no layers found in artifact')
  const content = await client.pullBlob(layer, maxLayerBytes)
  if (!gzipMagic.every((byte, index) => content[index] === byte)) {
    throw new CliError(`the first layer is no archive but '${layer.mediaType}'`)
  }
  const tree = await unpackTarGz(content, { maxBytes: maxUnpackedBytes })
  return { digest: pulled.digest, manifest: pulled.manifest, tree }
}

/** What stands in a tree: paths of files, parents before what is in them. */
export function* filesOf(tree: FileTree, directory = ''): Generator<string> {
  for (const name of tree.list(directory)) {
    const path = directory === '' ? name : `${directory}/${name}`
    const kind = tree.stat(path)?.kind
    if (kind === 'directory') yield* filesOf(tree, path)
    else if (kind === 'file') yield path
  }
}

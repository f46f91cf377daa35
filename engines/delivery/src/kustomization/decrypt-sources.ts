import {
  type FileTree,
  FileTreeError,
  type JsonObject,
  type JsonValue,
  joinTreePath,
  ToolkitError,
} from '@sluice/ports'
import { parseYamlDocuments } from '@sluice/yaml'
import { DeliveryError } from '../delivery-error.ts'
import {
  type Decrypter,
  formatForPath,
  isEncrypted,
  isEncryptedObject,
  type SopsFormat,
} from './decryption.ts'
import { findKustomizationFile, type KustomizationFile, readKustomizationFile } from './kustomization-file.ts'

/** Larger files are not taken for encrypted ones. */
const maxEncryptedBytes = 5 * 1024 * 1024

/**
 * Decrypts what generators and patches of the kustomization in `directory` and all that it refers to read, and checks the
 * integrity of encrypted manifests, which are decrypted after the build.
 *
 * @returns plain contents by path.
 * @throws {DeliveryError}
 */
export function decryptSources(
  tree: FileTree,
  directory: string,
  decrypter: Decrypter,
): ReadonlyMap<string, Uint8Array> {
  const plain = new Map<string, Uint8Array>()
  visit({ tree, decrypter, plain, visited: new Set() }, directory)
  return plain
}

type Walk = {
  readonly tree: FileTree
  readonly decrypter: Decrypter
  readonly plain: Map<string, Uint8Array>
  readonly visited: Set<string>
}

function visit(walk: Walk, directory: string): void {
  if (walk.visited.has(directory)) return
  walk.visited.add(directory)
  const path = findKustomizationFile(walk.tree, directory)
  if (path === undefined) throw new DeliveryError('DECRYPTION_FAILED', 'no kustomization file found')
  const file = readKustomizationFile(walk.tree, path)
  for (const { source, format } of sourcesOf(file)) decryptFile(walk, pathIn(directory, source), format)

  for (const reference of [...texts(file['resources']), ...texts(file['components'])]) {
    const target = pathIn(directory, reference)
    // A URL or a reference that leads nowhere is the build's concern.
    if (target === undefined) continue
    const kind = walk.tree.stat(target)?.kind
    if (kind === 'directory') visit(walk, target)
    if (kind === 'file') verifyFile(walk, target)
  }
}

type Source = { readonly source: string; readonly format: SopsFormat }

function sourcesOf(file: KustomizationFile): readonly Source[] {
  return [
    ...objects(file['secretGenerator']).flatMap(generatorSources),
    ...objects(file['patches'])
      .flatMap(({ path }) => (typeof path === 'string' && path !== '' && !isUrl(path) ? [path] : []))
      .map((source) => ({ source, format: formatForPath(source) })),
  ]
}

/** The key under which a file is stored, not its name, says what format it has. */
function generatorSources({ files, envs, env }: JsonObject): readonly Source[] {
  const named = texts(files).map((entry) => {
    const equals = entry.indexOf('=')
    const key = equals < 0 ? entry : entry.slice(0, equals)
    return { source: equals < 0 ? entry : entry.slice(equals + 1), format: formatForPath(key) }
  })
  const variables = [...texts(envs), ...(typeof env === 'string' ? [env] : [])].map((source) => {
    const format = formatForPath(source)
    return { source, format: format === 'binary' ? 'dotenv' : format }
  })
  return [...named, ...variables]
}

function decryptFile(walk: Walk, path: string | undefined, format: SopsFormat): void {
  if (path === undefined || walk.plain.has(path)) return
  const data = readBounded(walk.tree, path)
  if (!isEncrypted(data, format)) return
  walk.plain.set(path, walk.decrypter.decrypt(data, { input: format, output: format }))
}

function verifyFile(walk: Walk, path: string): void {
  const format = formatForPath(path)
  if (walk.visited.has(path) || (format !== 'yaml' && format !== 'json')) return
  walk.visited.add(path)
  const entry = walk.tree.stat(path)
  if (entry?.kind !== 'file' || entry.sizeBytes > maxEncryptedBytes) return
  const data = walk.tree.read(path)
  if (!holdsEncryptedObject(data)) return
  try {
    walk.decrypter.verify(data, format)
  } catch (error) {
    // The object in it may not be decrypted at all; if it is, the error belongs to it.
    if (!(error instanceof ToolkitError) || error.code !== 'SOPS_NO_DATA_KEY') throw error
  }
}

/**
 * Whether a manifest has an object that will be decrypted after the build. However it is written: a document that only
 * does not look encrypted must not get by unverified.
 */
function holdsEncryptedObject(data: Uint8Array): boolean {
  const text = new TextDecoder().decode(data)
  // The key cannot be there without one of these: plainly, with escapes, or by a tag.
  if (!text.includes('sops') && !text.includes('\\') && !text.includes('!')) return false
  try {
    return parseYamlDocuments(text).some(
      ({ value }) => typeof value === 'object' && value !== null && isEncryptedObject(value),
    )
  } catch {
    // The build says what is wrong with it.
    return false
  }
}

function readBounded(tree: FileTree, path: string): Uint8Array {
  const entry = tree.stat(path)
  if (!entry) throw new DeliveryError('DECRYPTION_FAILED', `lstat ${path}: no such file or directory`)
  if (entry.kind !== 'file') {
    throw new DeliveryError(
      'DECRYPTION_FAILED',
      'cannot decrypt irregular file as it has file mode type bits set',
    )
  }
  if (entry.sizeBytes > maxEncryptedBytes) {
    throw new DeliveryError(
      'DECRYPTION_FAILED',
      `cannot decrypt file with size (${entry.sizeBytes} bytes) exceeding limit (${maxEncryptedBytes})`,
    )
  }
  return tree.read(path)
}

/** The path in the tree; nothing for URLs and for what lies outside. */
function pathIn(directory: string, reference: string): string | undefined {
  if (isUrl(reference)) return undefined
  try {
    return joinTreePath(directory, reference)
  } catch (error) {
    if (error instanceof FileTreeError) return undefined
    throw error
  }
}

function isUrl(reference: string): boolean {
  return reference.includes('://')
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value)
    ? value.filter((item): item is JsonObject => typeof item === 'object' && item !== null)
    : []
}

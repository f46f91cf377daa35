import { type FileTree, joinTreePath } from '@sluice/ports'
import type { ObjectChange } from './changes.ts'
import { ImageError } from './image-error.ts'
import { isSettable, markerToken, type PolicyImage, setImages } from './setters.ts'

/** What images led to in the files of a tree. */
export type TreeUpdate = {
  /** New contents of the files that changed, by their path in the tree. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Files are named relative to the directory that was updated. */
  readonly changes: readonly ObjectChange[]
  /** Paths in the tree of files that have a marker but cannot be updated; they stay as they are. */
  readonly problemFiles: readonly string[]
}

export type UpdateTreeOptions = {
  /** Directory or file to update, such as `./apps`; the whole tree when absent. Links to it are followed in the tree. */
  readonly path?: string | undefined
  /** Longest file that is updated. Default: 16 MiB. */
  readonly maxFileBytes?: number
}

const defaultMaxFileBytes = 16 * 1024 * 1024
const maxLinks = 255
const encoder = new TextEncoder()
const token = encoder.encode(markerToken)

/**
 * Sets the images of policies where the YAML files of a tree ask for them. Links in the directory are left alone: what
 * they lead to is updated where it is.
 *
 * Source: fluxcd/image-automation-controller, internal/policy and internal/update.
 * @throws {ImageError} `UPDATE_PATH_INVALID` when there is nothing at `path`
 */
export function updateTree(
  tree: FileTree,
  policies: readonly PolicyImage[],
  { path = '', maxFileBytes = defaultMaxFileBytes }: UpdateTreeOptions = {},
): TreeUpdate {
  const root = resolveLinks(tree, path)
  const problemFiles: string[] = []
  const texts: [name: string, text: string][] = []
  const paths = new Map<string, string>()
  for (const { name, path: at } of filesUnder(tree, root)) {
    if (!isSettable(at)) continue
    const entry = tree.stat(at)
    if (entry?.kind !== 'file') continue
    const content = tree.read(at)
    if (!includes(content, token)) continue
    const text = content.length > maxFileBytes ? undefined : decode(content)
    if (text === undefined) problemFiles.push(at)
    else texts.push([name, text])
    paths.set(name, at)
  }
  const { files, changes, problemFiles: unreadable } = setImages(texts, policies)
  const pathOf = (name: string): string => paths.get(name) ?? name
  return {
    files: new Map([...files].map(([name, text]) => [pathOf(name), encoder.encode(text)])),
    changes,
    problemFiles: [...problemFiles, ...unreadable.map(pathOf)],
  }
}

/** A file below a directory, in the order of a walk: by name, directories where their name stands. */
type Found = { readonly name: string; readonly path: string }

function filesUnder(tree: FileTree, root: string): readonly Found[] {
  const found: Found[] = []
  const isDirectory = tree.stat(root)?.kind === 'directory'
  const base = isDirectory ? root : root.slice(0, Math.max(0, root.lastIndexOf('/')))
  const from = base === '' ? 0 : base.length + 1
  // A list of what is still to be visited: trees can be deeper than the stack.
  const open = [root]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (tree.stat(path)?.kind !== 'directory') {
      found.push({ name: path.slice(from), path })
      continue
    }
    const names = tree.list(path)
    for (let i = names.length - 1; i >= 0; i -= 1) {
      open.push(path === '' ? `${names[i]}` : `${path}/${names[i]}`)
    }
  }
  return found
}

/**
 * Where `path` leads when the tree is taken for a whole file system: links are followed, and `..` stays at its root.
 *
 * @throws {ImageError} when there is nothing
 */
function resolveLinks(tree: FileTree, path: string): string {
  const open = path.split('/').toReversed()
  let at = ''
  let links = 0
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
      continue
    }
    const next = joinTreePath(at, name)
    const entry = tree.stat(next)
    if (!entry) throw missing(joinTreePath(next, ...open.toReversed().filter((it) => it !== '..')))
    if (entry.kind !== 'link') {
      at = next
      continue
    }
    links += 1
    if (links > maxLinks) {
      throw new ImageError('UPDATE_PATH_INVALID', 'failed to secure join manifest path: too many links')
    }
    if (entry.target.startsWith('/')) at = ''
    open.push(...entry.target.split('/').toReversed())
  }
  return at
}

function missing(path: string): ImageError {
  return new ImageError(
    'UPDATE_PATH_INVALID',
    `walking path for files: lstat ${path}: no such file or directory`,
  )
}

/** The text of UTF-8, its byte order mark included, so that it encodes to the same bytes; nothing for what is none. */
function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Whether `content` has `part` somewhere. */
function includes(content: Uint8Array, part: Uint8Array): boolean {
  const [first = 0] = part
  for (let at = content.indexOf(first); at >= 0; at = content.indexOf(first, at + 1)) {
    if (part.every((byte, i) => content[at + i] === byte)) return true
  }
  return false
}

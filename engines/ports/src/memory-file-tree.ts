import { type FileTree, type FileTreeEntry, FileTreeError } from './file-tree.ts'

/** A file of a {@link memoryFileTree}: its content, or more about it. */
export type MemoryFile =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly executable: boolean }
  | { readonly link: string }

const encoder = new TextEncoder()

/** A {@link FileTree} over path → file. Directories exist as far as files need them. */
export function memoryFileTree(files: Iterable<readonly [string, MemoryFile]>): FileTree {
  const byPath = new Map(files)
  const children = new Map<string, Set<string>>([['', new Set()]])
  for (const path of byPath.keys()) addParents(children, path)

  return {
    stat: (path) => {
      const file = byPath.get(path)
      if (file !== undefined) return entryOf(file)
      return children.has(path) ? { kind: 'directory' } : undefined
    },
    read: (path) => {
      const file = byPath.get(path)
      if (file === undefined) {
        throw new FileTreeError('FILE_NOT_FOUND', path, `no such file: '${path}'`)
      }
      return contentOf(file, path)
    },
    list: (path) => {
      const names = children.get(path)
      if (!names) throw new FileTreeError('NOT_A_DIRECTORY', path, `no such directory: '${path}'`)
      return [...names].toSorted(compareUtf8)
    },
  }
}

/** Orders strings by their UTF-8 bytes, as Go does; code-unit order differs above U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    // Surrogates (U+D800–DFFF) stand for code points above every other unit, so they sort last.
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function addParents(children: Map<string, Set<string>>, path: string): void {
  let child = path
  while (child !== '') {
    const slash = child.lastIndexOf('/')
    const parent = slash < 0 ? '' : child.slice(0, slash)
    const name = slash < 0 ? child : child.slice(slash + 1)
    const siblings = children.get(parent)
    if (siblings) {
      siblings.add(name)
    } else {
      children.set(parent, new Set([name]))
    }
    child = parent
  }
}

function entryOf(file: MemoryFile): FileTreeEntry {
  if (typeof file === 'object' && 'link' in file) return { kind: 'link', target: file.link }
  const executable = typeof file === 'object' && 'content' in file && file.executable
  return { kind: 'file', executable, sizeBytes: bytesOf(file).length }
}

function contentOf(file: MemoryFile, path: string): Uint8Array {
  if (typeof file === 'object' && 'link' in file) {
    throw new FileTreeError('NOT_A_FILE', path, `'${path}' is a symbolic link`)
  }
  return bytesOf(file)
}

function bytesOf(file: Exclude<MemoryFile, { readonly link: string }>): Uint8Array {
  const content = typeof file === 'object' && 'content' in file ? file.content : file
  return typeof content === 'string' ? encoder.encode(content) : content
}

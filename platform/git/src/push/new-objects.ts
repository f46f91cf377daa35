import { compareUtf8 } from '@sluice/ports'
import { GitError } from '../git-error.ts'
import type { Signature } from '../objects/commit.ts'
import { isUnsafeName, parseTree, type TreeEntry } from '../objects/tree.ts'
import type { GitObject, ObjectStore } from '../pack/pack-reader.ts'
import { objectIdOf } from '../pack/pack-writer.ts'
import { idLength, type ObjectFormat } from '../protocol/refs.ts'

/** What a file becomes. `executable` is kept as it was when absent. */
export type GitFileChange = { readonly content: Uint8Array; readonly executable?: boolean }

/** Changes by path; `undefined` removes the file. */
export type GitChanges = ReadonlyMap<string, GitFileChange | undefined>

const modes: Readonly<Record<TreeEntry['kind'], string>> = {
  directory: '40000',
  file: '100644',
  executable: '100755',
  link: '120000',
  submodule: '160000',
}
const encoder = new TextEncoder()
const maxDepth = 512

/** Objects that a repository does not have yet. */
export class NewObjects {
  readonly objectFormat: ObjectFormat
  readonly #base: ObjectStore | undefined
  readonly #added = new Map<string, GitObject>()

  /** @param base what the repository has, as far as it is known; none for an empty one. */
  constructor(objectFormat: ObjectFormat, base: ObjectStore | undefined) {
    this.objectFormat = objectFormat
    this.#base = base
  }

  get all(): readonly GitObject[] {
    return [...this.#added.values()]
  }

  add(object: GitObject): string {
    const id = objectIdOf(object, this.objectFormat)
    if (!this.#base?.has(id)) this.#added.set(id, object)
    return id
  }

  /** The tree that comes of changes to `treeId`; without that, to nothing. @throws {GitError} `GIT_INVALID_INPUT` */
  changeTree(treeId: string | undefined, changes: GitChanges): string {
    return this.#changeTree(treeId, changes, 0) ?? this.add({ type: 'tree', content: new Uint8Array(0) })
  }

  #changeTree(treeId: string | undefined, changes: GitChanges, depth: number): string | undefined {
    if (depth > maxDepth) throw new GitError('GIT_INVALID_INPUT', 'path is too deep')
    const entries = new Map(this.#readTree(treeId).map((entry) => [entry.name, entry]))
    const { files, directories } = splitChanges(changes)
    for (const [name, change] of files) {
      const before = entries.get(name)
      entries.delete(name)
      if (!change) continue
      const isExecutable = change.executable ?? before?.kind === 'executable'
      const id = this.add({ type: 'blob', content: change.content })
      entries.set(name, { name, kind: isExecutable ? 'executable' : 'file', id })
    }
    for (const [name, nested] of directories) {
      const before = entries.get(name)
      const id = this.#changeTree(before?.kind === 'directory' ? before.id : undefined, nested, depth + 1)
      if (id === undefined) entries.delete(name)
      else entries.set(name, { name, kind: 'directory', id })
    }
    // Git knows no empty directories.
    return entries.size === 0
      ? undefined
      : this.add({ type: 'tree', content: encodeTree([...entries.values()]) })
  }

  #readTree(id: string | undefined): TreeEntry[] {
    if (id === undefined || !this.#base) return []
    return parseTree(this.#base.get(id).content, idLength(this.objectFormat) / 2)
  }
}

type SplitChanges = {
  readonly files: ReadonlyMap<string, GitFileChange | undefined>
  readonly directories: ReadonlyMap<string, GitChanges>
}

/** Changes of a directory's own files, and those further down by the name of the directory that they are in. */
function splitChanges(changes: GitChanges): SplitChanges {
  const files = new Map<string, GitFileChange | undefined>()
  const directories = new Map<string, Map<string, GitFileChange | undefined>>()
  for (const [path, change] of changes) {
    const slash = path.indexOf('/')
    const name = slash < 0 ? path : path.slice(0, slash)
    if (isUnsafeName(name)) throw new GitError('GIT_INVALID_INPUT', `unsafe path ${JSON.stringify(path)}`)
    if (slash < 0) {
      files.set(name, change)
    } else {
      const nested = directories.get(name) ?? new Map<string, GitFileChange | undefined>()
      directories.set(name, nested.set(path.slice(slash + 1), change))
    }
  }
  for (const [name, change] of files) {
    if (change && directories.has(name)) {
      throw new GitError('GIT_INVALID_INPUT', `'${name}' cannot be both a file and a directory`)
    }
  }
  return { files, directories }
}

function sortKey({ name, kind }: TreeEntry): string {
  return kind === 'directory' ? `${name}/` : name
}

/** Directories are sorted as if their names ended with a slash. */
function encodeTree(entries: readonly TreeEntry[]): Uint8Array {
  return Buffer.concat(
    entries
      .toSorted((a, b) => compareUtf8(sortKey(a), sortKey(b)))
      .flatMap(({ name, kind, id }) => [encoder.encode(`${modes[kind]} ${name}\0`), Buffer.from(id, 'hex')]),
  )
}

export type CommitFields = {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

/** A commit's content. `signature` is armoured text. */
export function encodeCommit(fields: CommitFields, format: ObjectFormat, signature?: string): Uint8Array {
  const { tree, parents, author, committer, message } = fields
  const signatureName = format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256'
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${encodePerson(author)}`,
    `committer ${encodePerson(committer)}`,
    ...(signature === undefined ? [] : [`${signatureName} ${signature.trim().replace(/\r?\n/g, '\n ')}`]),
  ]
  return encoder.encode(`${lines.join('\n')}\n\n${message.replaceAll('\0', '')}`)
}

function encodePerson({ name, email, seconds, zone }: Signature): string {
  if (!Number.isSafeInteger(seconds) || !/^[+-]\d{4}$/.test(zone)) {
    throw new GitError('GIT_INVALID_INPUT', 'the time of a commit is invalid')
  }
  return `${encodeName(name)} <${encodeName(email)}> ${seconds} ${zone}`
}

/** What would end a name or its line is left out, as Git does. */
function encodeName(name: string): string {
  return name.replace(/[<>\n\r\0]/g, '').trim()
}

/** How a repository names its objects. */
export type ObjectFormat = 'sha1' | 'sha256'

/** A reference of a remote repository. `peeled` is the object that an annotated tag leads to. */
export type RemoteRef = { readonly name: string; readonly id: string; readonly peeled?: string }

/** What a remote repository has. */
export type RemoteRefs = {
  readonly refs: ReadonlyMap<string, RemoteRef>
  /** The branch that HEAD names, such as `refs/heads/main`; known also for an empty repository if the server says. */
  readonly head: string | undefined
  readonly objectFormat: ObjectFormat
}

/** Length of an object name in hexadecimal digits. */
export function idLength(format: ObjectFormat): number {
  return format === 'sha1' ? 40 : 64
}

export function isObjectId(text: string, format: ObjectFormat): boolean {
  return text.length === idLength(format) && /^[0-9a-f]+$/.test(text)
}

import { GitError } from '../git-error.ts'
import { isObjectId, type ObjectFormat } from '../protocol/refs.ts'

/** Who did something, and when, in seconds since the epoch. */
export type Signature = {
  readonly name: string
  readonly email: string
  readonly seconds: number
  readonly zone: string
}

/** A commit. `signature` is the armoured text of `gpgsig`; `signedContent` the bytes that it signs. */
export type Commit = {
  readonly id: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
  readonly signature: string | undefined
  readonly signedContent: Uint8Array
}

/** An annotated tag. */
export type Tag = {
  readonly id: string
  readonly target: string
  readonly targetType: string
  readonly name: string
  readonly tagger: Signature | undefined
  readonly message: string
  readonly signature: string | undefined
  readonly signedContent: Uint8Array
}

const decoder = new TextDecoder()

/** @throws {GitError} `GIT_DAMAGED` when it is not a commit. */
export function parseCommit(id: string, content: Uint8Array, format: ObjectFormat): Commit {
  const { headers, body, raw } = splitObject(content)
  const tree = one(headers, 'tree')
  const signatureName = format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256'
  if (tree === undefined || !isObjectId(tree, format)) throw damaged('commit', id)
  const parents = headers.filter(([name]) => name === 'parent').map(([, value]) => value)
  if (!parents.every((parent) => isObjectId(parent, format))) throw damaged('commit', id)
  return {
    id,
    tree,
    parents,
    author: parseSignature(one(headers, 'author') ?? ''),
    committer: parseSignature(one(headers, 'committer') ?? ''),
    message: body,
    signature: one(headers, signatureName),
    signedContent: withoutHeaders(raw, ['gpgsig', 'gpgsig-sha256']),
  }
}

/** @throws {GitError} `GIT_DAMAGED` when it is not a tag. */
export function parseTag(id: string, content: Uint8Array, format: ObjectFormat): Tag {
  const { headers, body, raw } = splitObject(content)
  const target = one(headers, 'object')
  const name = one(headers, 'tag')
  if (target === undefined || name === undefined || !isObjectId(target, format)) throw damaged('tag', id)
  const tagger = one(headers, 'tagger')
  // A tag carries its signature at the end of its message.
  const begin = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----/m.exec(
    body,
  )?.index
  const bodyAt = raw.length - Buffer.byteLength(body)
  const signedBytes = begin === undefined ? raw.length : bodyAt + Buffer.byteLength(body.slice(0, begin))
  return {
    id,
    target,
    targetType: one(headers, 'type') ?? '',
    name,
    tagger: tagger === undefined ? undefined : parseSignature(tagger),
    message: begin === undefined ? body : body.slice(0, begin),
    signature: begin === undefined ? undefined : body.slice(begin),
    signedContent: raw.subarray(0, signedBytes),
  }
}

type Header = readonly [name: string, value: string]

/** Headers end at the first empty line; a line that begins with a space continues the one before. */
function splitObject(content: Uint8Array): { headers: Header[]; body: string; raw: Uint8Array } {
  const text = decoder.decode(content)
  const end = text.indexOf('\n\n')
  const head = end < 0 ? text.replace(/\n$/, '') : text.slice(0, end)
  const headers: Header[] = head
    .replaceAll('\n ', '\0')
    .split('\n')
    .map((line) => {
      const space = line.indexOf(' ')
      return [line.slice(0, space), line.slice(space + 1).replaceAll('\0', '\n')]
    })
  return { headers, body: end < 0 ? '' : text.slice(end + 2), raw: content }
}

function one(headers: readonly Header[], name: string): string | undefined {
  return headers.find((header) => header[0] === name)?.[1]
}

/** The bytes without these headers and their continuation lines, as `git verify-commit` hashes them. */
function withoutHeaders(raw: Uint8Array, names: readonly string[]): Uint8Array {
  const kept: Uint8Array[] = []
  let isDropping = false
  let at = 0
  while (at < raw.length) {
    const feed = raw.indexOf(0x0a, at)
    const end = feed < 0 ? raw.length : feed + 1
    const line = raw.subarray(at, end)
    if (line[0] === 0x0a) break
    if (line[0] !== 0x20) isDropping = names.some((name) => startsWith(line, `${name} `))
    if (!isDropping) kept.push(line)
    at = end
  }
  kept.push(raw.subarray(at))
  return Buffer.concat(kept)
}

function startsWith(line: Uint8Array, prefix: string): boolean {
  return decoder.decode(line.subarray(0, prefix.length)) === prefix
}

function parseSignature(text: string): Signature {
  const match = /^(.*?) ?<([^>]*)> ?(-?\d+)? ?([+-]\d{4})?/.exec(text)
  return {
    name: match?.[1] ?? '',
    email: match?.[2] ?? '',
    seconds: Number(match?.[3] ?? 0),
    zone: match?.[4] ?? '+0000',
  }
}

function damaged(kind: string, id: string): GitError {
  return new GitError('GIT_DAMAGED', `malformed ${kind} ${id}`)
}

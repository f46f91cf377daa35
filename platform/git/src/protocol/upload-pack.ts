import { GitError } from '../git-error.ts'
import type { GitConnection } from './connection.ts'
import { encodePackets, type Packet, type PacketReader, textOf } from './pkt-line.ts'
import { isObjectId, type ObjectFormat, type RemoteRef, type RemoteRefs } from './refs.ts'

/** What the server's opening said. */
export type Advertisement =
  | {
      readonly version: 2
      readonly capabilities: ReadonlyMap<string, string>
      readonly objectFormat: ObjectFormat
    }
  | {
      readonly version: 0
      readonly capabilities: ReadonlyMap<string, string>
      readonly objectFormat: ObjectFormat
      readonly refs: RemoteRefs
    }

export type FetchRequest = {
  readonly wants: readonly string[]
  /** Commits of history to send; all of it when absent. */
  readonly depth?: number
  /** A partial clone filter such as `blob:none`; left out where the server has none. */
  readonly filter?: string
}

const agent = 'agent=git/sluice'
const maxRefs = 2_000_000

/** Reads what a server opens with, in whichever version it chose. Source: https://git-scm.com/docs/protocol-v2 */
export async function readAdvertisement(packets: PacketReader): Promise<Advertisement> {
  let packet = await packets.next()
  // Over HTTP a line with the service's name and a flush come first.
  if (packet.kind === 'data' && textOf(packet.payload).startsWith('# service=')) {
    await packets.next()
    packet = await packets.next()
  }
  throwIfError(packet)
  const first = packet.kind === 'data' ? textOf(packet.payload) : ''
  if (first === 'version 2') {
    const capabilities = await readCapabilities(packets)
    return { version: 2, capabilities, objectFormat: formatOf(capabilities) }
  }
  return readVersion0(packets, first === 'version 1' ? await packets.next() : packet)
}

async function readCapabilities(packets: PacketReader): Promise<ReadonlyMap<string, string>> {
  const capabilities = new Map<string, string>()
  for (let packet = await packets.next(); packet.kind === 'data'; packet = await packets.next()) {
    const [name = '', ...value] = textOf(packet.payload).split('=')
    capabilities.set(name, value.join('='))
  }
  return capabilities
}

async function readVersion0(packets: PacketReader, first: Packet): Promise<Advertisement> {
  const capabilities = new Map<string, string>()
  const symrefs = new Map<string, string>()
  const refs = new Map<string, RemoteRef>()
  for (let packet = first; packet.kind === 'data'; packet = await packets.next()) {
    const [line = '', extra] = textOf(packet.payload).split('\0')
    for (const word of extra?.split(' ') ?? []) {
      const [name = '', ...value] = word.split('=')
      capabilities.set(name, value.join('='))
      const [from = '', to] = value.join('=').split(':')
      if (name === 'symref' && to !== undefined) symrefs.set(from, to)
    }
    if (!line.startsWith('shallow ')) addVersion0Ref(refs, line, formatOf(capabilities))
  }
  const objectFormat = formatOf(capabilities)
  return { version: 0, capabilities, objectFormat, refs: { refs, head: symrefs.get('HEAD'), objectFormat } }
}

function addVersion0Ref(refs: Map<string, RemoteRef>, line: string, format: ObjectFormat): void {
  const space = line.indexOf(' ')
  const id = line.slice(0, space)
  const name = line.slice(space + 1)
  if (space < 0 || !isObjectId(id, format)) throw new GitError('GIT_PROTOCOL', 'malformed reference line')
  if (name === 'capabilities^{}') return
  const tag = name.endsWith('^{}') ? refs.get(name.slice(0, -3)) : undefined
  if (tag) {
    refs.set(tag.name, { ...tag, peeled: id })
  } else {
    refs.set(name, { name, id })
  }
  if (refs.size > maxRefs) throw new GitError('GIT_TOO_LARGE', `more than ${maxRefs} references`)
}

/**
 * Lists references. `prefixes` narrow what the server sends where it can; more may come back.
 */
export async function listRefs(
  connection: GitConnection,
  advertisement: Advertisement,
  prefixes: readonly string[],
): Promise<RemoteRefs> {
  if (advertisement.version === 0) return advertisement.refs
  const { objectFormat, capabilities } = advertisement
  const packets = await connection.request(
    'git-upload-pack',
    encodePackets([
      'command=ls-refs',
      agent,
      `object-format=${objectFormat}`,
      { special: 'delimiter' },
      'peel',
      'symrefs',
      ...(capabilities.get('ls-refs')?.includes('unborn') ? ['unborn'] : []),
      ...prefixes.map((prefix) => `ref-prefix ${prefix}`),
      { special: 'flush' },
    ]),
  )
  const refs = new Map<string, RemoteRef>()
  let head: string | undefined
  for (let packet = await packets.next(); packet.kind === 'data'; packet = await packets.next()) {
    throwIfError(packet)
    const [id = '', name = '', ...attributes] = textOf(packet.payload).split(' ')
    const attribute = (key: string): string | undefined =>
      attributes.find((it) => it.startsWith(key))?.slice(key.length)
    if (name === 'HEAD') head = attribute('symref-target:')
    if (id === 'unborn') continue
    const peeled = attribute('peeled:')
    if (!isObjectId(id, objectFormat)) throw new GitError('GIT_PROTOCOL', 'malformed reference line')
    refs.set(name, { name, id, ...(peeled === undefined ? {} : { peeled }) })
    if (refs.size > maxRefs) throw new GitError('GIT_TOO_LARGE', `more than ${maxRefs} references`)
  }
  await packets.close()
  return { refs, head, objectFormat }
}

/**
 * Asks for objects and yields the pack as it arrives.
 *
 * @throws {GitError} `GIT_OBJECT_NOT_FOUND` when the server does not have, or does not give, what is wanted.
 */
export async function* fetchPack(
  connection: GitConnection,
  advertisement: Advertisement,
  request: FetchRequest,
): AsyncGenerator<Uint8Array> {
  if (advertisement.version === 2) {
    yield* fetchVersion2(connection, advertisement, request)
  } else {
    yield* fetchVersion0(connection, advertisement, request)
  }
}

async function* fetchVersion2(
  connection: GitConnection,
  { capabilities, objectFormat }: Advertisement,
  { wants, depth, filter }: FetchRequest,
): AsyncGenerator<Uint8Array> {
  const features = (capabilities.get('fetch') ?? '').split(' ')
  const packets = await connection.request(
    'git-upload-pack',
    encodePackets([
      'command=fetch',
      agent,
      `object-format=${objectFormat}`,
      { special: 'delimiter' },
      'no-progress',
      'ofs-delta',
      ...(depth !== undefined && features.includes('shallow') ? [`deepen ${depth}`] : []),
      ...(filter !== undefined && features.includes('filter') ? [`filter ${filter}`] : []),
      ...wants.map((id) => `want ${id}`),
      'done',
      { special: 'flush' },
    ]),
  )
  // Sections come in a fixed order, each ended by a delimiter; the pack is the last.
  for (let packet = await packets.next(); ; packet = await packets.next()) {
    throwIfError(packet)
    if (packet.kind === 'eof') throw new GitError('GIT_PROTOCOL', 'unexpected EOF')
    if (packet.kind === 'data' && textOf(packet.payload) === 'packfile') break
    if (packet.kind === 'flush') throw new GitError('GIT_PROTOCOL', 'the server sent no pack')
  }
  yield* demultiplex(packets)
}

async function* fetchVersion0(
  connection: GitConnection,
  { capabilities }: Advertisement,
  { wants, depth }: FetchRequest,
): AsyncGenerator<Uint8Array> {
  const has = (name: string): boolean => capabilities.has(name)
  const sideBand = ['side-band-64k', 'side-band'].find(has)
  const isShallow = depth !== undefined && has('shallow')
  const features = ['ofs-delta', 'no-progress'].filter(has)
  const words = [...features, ...(sideBand ? [sideBand] : []), ...(has('agent') ? [agent] : [])]
  const packets = await connection.request(
    'git-upload-pack',
    encodePackets([
      ...wants.map((id, i) => (i === 0 ? `want ${id} ${words.join(' ')}` : `want ${id}`)),
      ...(isShallow ? [`deepen ${depth}`] : []),
      { special: 'flush' },
      'done',
    ]),
  )
  // Shallow lines and their flush, then one NAK: nothing was offered as a common base.
  for (let packet = await packets.next(); ; packet = await packets.next()) {
    throwIfError(packet)
    if (packet.kind === 'eof') throw new GitError('GIT_PROTOCOL', 'unexpected EOF')
    if (packet.kind === 'data' && textOf(packet.payload) === 'NAK') break
  }
  if (sideBand) {
    yield* demultiplex(packets)
  } else {
    yield* packets.rest()
  }
}

/** The first band of a multiplexed stream: data. The second is progress, the third ends it with an error. */
export async function* demultiplex(packets: PacketReader): AsyncGenerator<Uint8Array> {
  for (let packet = await packets.next(); packet.kind === 'data'; packet = await packets.next()) {
    const [band] = packet.payload
    if (band === 1) {
      yield packet.payload.subarray(1)
    } else if (band === 3) {
      throw remoteError(textOf(packet.payload.subarray(1)))
    } else if (band !== 2) {
      throwIfError(packet)
      throw new GitError('GIT_PROTOCOL', 'unknown side band')
    }
  }
  await packets.close()
}

/** @throws {GitError} when the packet is the server's way to say that it cannot. */
export function throwIfError(packet: Packet): void {
  if (packet.kind !== 'data') return
  const text = textOf(packet.payload)
  if (text.startsWith('ERR ')) throw remoteError(text.slice(4))
}

function remoteError(text: string): GitError {
  const message = text.trim().slice(0, 1000)
  if (/not our ref|unadvertised object/.test(message)) {
    return new GitError('GIT_OBJECT_NOT_FOUND', 'object not found')
  }
  if (/not found|does not exist|could not be found/i.test(message)) {
    return new GitError('GIT_NOT_FOUND', 'repository not found')
  }
  return new GitError('GIT_REMOTE', `remote: ${message}`)
}

function formatOf(capabilities: ReadonlyMap<string, string>): ObjectFormat {
  const format = capabilities.get('object-format') ?? 'sha1'
  if (format !== 'sha1' && format !== 'sha256') {
    throw new GitError('GIT_PROTOCOL', `unsupported object format ${JSON.stringify(format)}`)
  }
  return format
}

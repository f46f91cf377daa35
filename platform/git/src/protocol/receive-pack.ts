import { GitError } from '../git-error.ts'
import type { GitConnection } from './connection.ts'
import { encodePackets, type PacketReader, readPackets, textOf } from './pkt-line.ts'
import { type Advertisement, demultiplex, readAdvertisement } from './upload-pack.ts'

/** A change of one reference. */
export type RefUpdate = { readonly name: string; readonly from: string; readonly to: string }

/** What a push tells the server's hooks, by key; servers that know no such options are not told. */
export type PushOptions = Readonly<Record<string, string>>

/** What a server that takes pushes has. */
export type PushAdvertisement = Extract<Advertisement, { readonly version: 0 }>

/** Opens a push. */
export async function openPush(connection: GitConnection): Promise<PushAdvertisement> {
  const advertisement = await readAdvertisement(await connection.open('git-receive-pack'))
  if (advertisement.version === 0) return advertisement
  throw new GitError('GIT_PROTOCOL', 'unexpected protocol version for a push')
}

/** A name goes into a line of the protocol. @throws {GitError} `GIT_INVALID_INPUT` when it would not stay in it. */
export function checkRefName(name: string): void {
  if (!/^refs\/[!-~\u{80}-\u{10FFFF}]+$/u.test(name)) {
    throw new GitError('GIT_INVALID_INPUT', `invalid reference ${JSON.stringify(name)}`)
  }
}

/**
 * Sends a pack and moves references. Without a pack, references only go.
 *
 *
 * Source: https://git-scm.com/docs/pack-protocol#_pushing_data_to_a_server
 * @throws {GitError} when the server refuses the pack or one of the references.
 */
export async function sendPush(
  connection: GitConnection,
  { capabilities }: PushAdvertisement,
  {
    updates,
    pack,
    options,
  }: {
    readonly updates: readonly RefUpdate[]
    readonly pack: Uint8Array | undefined
    readonly options: PushOptions
  },
): Promise<void> {
  const has = (name: string): boolean => capabilities.has(name)
  const format = capabilities.get('object-format')
  const told = has('push-options') ? optionLines(options) : []
  const words = [
    'report-status',
    ...['side-band-64k', 'quiet'].filter(has),
    ...(updates.length > 1 && has('atomic') ? ['atomic'] : []),
    ...(told.length > 0 ? ['push-options'] : []),
    ...(format === undefined ? [] : [`object-format=${format}`]),
    ...(has('agent') ? ['agent=git/sluice'] : []),
  ]
  const commands = encodePackets([
    ...updates.map(
      ({ from, to, name }, i) => `${from} ${to} ${name}${i === 0 ? `\0 ${words.join(' ')}` : ''}`,
    ),
    { special: 'flush' },
    ...(told.length > 0 ? [...told, { special: 'flush' } as const] : []),
  ])
  const body = pack ? Buffer.concat([commands, pack]) : commands
  const packets = await connection.request('git-receive-pack', body)
  await readReport(has('side-band-64k') ? readPackets(demultiplex(packets)) : packets)
}

/** @throws {GitError} `GIT_INVALID_INPUT` when an option would not stay in its line. */
function optionLines(options: PushOptions): readonly string[] {
  return Object.entries(options).map(([key, value]) => {
    const line = `${key}=${value}`
    if (/[\n\0]/.test(line)) {
      throw new GitError('GIT_INVALID_INPUT', 'push options must not have new line characters')
    }
    return line
  })
}

async function readReport(packets: PacketReader): Promise<void> {
  const unpacked = await packets.next()
  const status = unpacked.kind === 'data' ? textOf(unpacked.payload) : ''
  if (status !== 'unpack ok') {
    throw new GitError('GIT_REMOTE', `unpack error: ${status.replace(/^unpack /, '').slice(0, 1000)}`)
  }
  const refusals: string[] = []
  for (let packet = await packets.next(); packet.kind === 'data'; packet = await packets.next()) {
    const [word, name, ...reason] = textOf(packet.payload).split(' ')
    if (word === 'ng') refusals.push(`command error on ${name}: ${reason.join(' ').slice(0, 1000)}`)
  }
  await packets.close()
  if (refusals.length > 0) throw new GitError('GIT_REMOTE', refusals.join('\n'))
}

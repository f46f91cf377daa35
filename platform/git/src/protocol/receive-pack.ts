import { GitError } from '../git-error.ts'
import type { GitConnection } from './connection.ts'
import { encodePackets, type PacketReader, readPackets, textOf } from './pkt-line.ts'
import { type Advertisement, demultiplex, readAdvertisement } from './upload-pack.ts'

/** A change of one reference. */
export type RefUpdate = { readonly name: string; readonly from: string; readonly to: string }

/** What a server that takes pushes has. */
export type PushAdvertisement = Extract<Advertisement, { readonly version: 0 }>

/** Opens a push. */
export async function openPush(connection: GitConnection): Promise<PushAdvertisement> {
  const advertisement = await readAdvertisement(await connection.open('git-receive-pack'))
  if (advertisement.version === 0) return advertisement
  throw new GitError('GIT_PROTOCOL', 'unexpected protocol version for a push')
}

/**
 * Sends a pack and moves references.
 *
 * Source: https://git-scm.com/docs/pack-protocol#_pushing_data_to_a_server
 * @throws {GitError} when the server refuses the pack or one of the references.
 */
export async function sendPush(
  connection: GitConnection,
  { capabilities }: PushAdvertisement,
  { updates, pack }: { readonly updates: readonly RefUpdate[]; readonly pack: Uint8Array },
): Promise<void> {
  const has = (name: string): boolean => capabilities.has(name)
  const format = capabilities.get('object-format')
  const words = [
    'report-status',
    ...['side-band-64k', 'quiet'].filter(has),
    ...(updates.length > 1 && has('atomic') ? ['atomic'] : []),
    ...(format === undefined ? [] : [`object-format=${format}`]),
    ...(has('agent') ? ['agent=git/sluice'] : []),
  ]
  const commands = encodePackets([
    ...updates.map(
      ({ from, to, name }, i) => `${from} ${to} ${name}${i === 0 ? `\0 ${words.join(' ')}` : ''}`,
    ),
    { special: 'flush' },
  ])
  const packets = await connection.request('git-receive-pack', Buffer.concat([commands, pack]))
  await readReport(has('side-band-64k') ? readPackets(demultiplex(packets)) : packets)
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

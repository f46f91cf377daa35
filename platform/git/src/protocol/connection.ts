import type { PacketReader } from './pkt-line.ts'

/** The program that a server runs for us. */
export type GitService = 'git-upload-pack' | 'git-receive-pack'

/** A conversation with a Git server, over whatever carries it. */
export interface GitConnection {
  /** Asks what the server has: the answer to the opening of a conversation. */
  open(service: GitService): Promise<PacketReader>
  /** Sends one request and gives back its answer. `open` need not come before it if the server's version is known. */
  request(service: GitService, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<PacketReader>
  close(): Promise<void>
}

/** Largest advertisement and other small answers. A million refs are about 100 MB. */
export const maxAdvertisementBytes: number = 256 * 1024 * 1024

/** An entry as a hostile packer may write it: nothing is checked. */
export type RawEntry = {
  readonly name: string
  /** `0` file, `1` hard link, `2` symbolic link, `3` device, `5` directory. */
  readonly type?: string
  readonly data?: string | Uint8Array
  readonly link?: string
  /** What the header says; the data's by default. */
  readonly sizeBytes?: number
}

const encoder = new TextEncoder()

export function rawTar(entries: readonly RawEntry[]): Uint8Array {
  const blocks = entries.flatMap(({ name, type = '0', data = '', link = '', sizeBytes }) => {
    const content = typeof data === 'string' ? encoder.encode(data) : data
    const header = new Uint8Array(512)
    const put = (text: string, at: number): void => header.set(encoder.encode(text), at)
    put(name.slice(0, 100), 0)
    put('0000644', 100)
    put((sizeBytes ?? content.length).toString(8).padStart(11, '0'), 124)
    put('        ', 148)
    put(type, 156)
    put(link, 157)
    put('ustar\0', 257)
    put('00', 263)
    const sum = header.reduce((total, byte) => total + byte, 0)
    put(`${sum.toString(8).padStart(6, '0')}\0`, 148)
    const padded = new Uint8Array(Math.ceil(content.length / 512) * 512)
    padded.set(content)
    return [header, padded]
  })
  const all = [...blocks, new Uint8Array(1024)]
  const tar = new Uint8Array(all.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const block of all) {
    tar.set(block, at)
    at += block.length
  }
  return tar
}

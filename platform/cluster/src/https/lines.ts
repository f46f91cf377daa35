import { ApiError } from '../api-error.ts'

const newline = 0x0a

/**
 * Splits a stream of bytes into the texts between line breaks; a last line without break counts, blank ones do not.
 *
 * @throws {ApiError} when a line is longer than `maxLineBytes`.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let parts: Uint8Array[] = []
  let length = 0
  const take = (): string => {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode()
    parts = []
    length = 0
    return text
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, end))
      start = end + 1
      const line = take()
      if (line.trim() !== '') yield line
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start))
      length += chunk.length - start
    }
    if (length > maxLineBytes) {
      throw new ApiError({ message: `a line of the watch is longer than ${maxLineBytes} bytes` })
    }
  }
  const rest = take()
  if (rest.trim() !== '') yield rest
}

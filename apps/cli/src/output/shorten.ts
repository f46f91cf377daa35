/** Cuts every hash of 40 or more hexadecimal digits to its first eight, as the Flux CLI's tables do. */
export function shortenHashes(text: string): string {
  return text.replace(/\b([0-9a-f]{8})[0-9a-f]{32,}\b/g, '$1')
}

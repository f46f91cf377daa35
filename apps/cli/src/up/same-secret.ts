import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether two secrets are the same. Takes the same time however much of them is alike. */
export function isSameSecret(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Segments of a JSON pointer (RFC 6901), unescaped; none for the whole document. */
export function pointerSegments(pointer: string): readonly string[] {
  if (pointer === '') return []
  return pointer
    .replace(/^\//, '')
    .split('/')
    .map((it) => it.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The pointer to a place. */
export function pointerText(segments: readonly string[]): string {
  return segments.map((it) => `/${escapeSegment(it)}`).join('')
}

/** One key as a segment of a pointer. */
export function escapeSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** What is at the place, or `undefined` when there is nothing. */
export function readPointer(value: unknown, segments: readonly string[]): unknown {
  let current = value
  for (const segment of segments) {
    if (Array.isArray(current)) {
      current = isIndex(segment) ? current[Number(segment)] : undefined
    } else if (isRecord(current) && Object.hasOwn(current, segment)) {
      current = current[segment]
    } else {
      return undefined
    }
  }
  return current
}

/** A copy with `replacement` at the place, or without the place when it is `undefined`. Missing parents: unchanged. */
export function withPointer(value: unknown, segments: readonly string[], replacement: unknown): unknown {
  const [segment, ...rest] = segments
  if (segment === undefined) return replacement
  if (Array.isArray(value)) {
    if (!isIndex(segment) || Number(segment) >= value.length) return value
    const index = Number(segment)
    if (rest.length === 0 && replacement === undefined) return value.toSpliced(index, 1)
    return value.with(index, withPointer(value[index], rest, replacement))
  }
  if (!isRecord(value)) return value
  if (rest.length === 0) {
    if (replacement !== undefined) return { ...value, [segment]: replacement }
    const { [segment]: _, ...others } = value
    return others
  }
  if (!Object.hasOwn(value, segment)) return value
  return { ...value, [segment]: withPointer(value[segment], rest, replacement) }
}

function isIndex(segment: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(segment)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import type { Chart } from '../chart.ts'
import type { MutableValue } from '../values/set-parser.ts'

// Measured on Node 20 with the values of real charts: a map entry or list item with its box, and what a map takes empty.
const entryBytes = 72
const containerBytes = 160
/** Metadata, file records and the objects around them. */
const chartBytes = 4_096
const fileBytes = 256

/**
 * What a loaded chart holds in memory, in bytes: the buffers that its files lie in, each once, and an estimate of the
 * parsed values.
 */
export function chartSizeBytes(chart: Chart): number {
  const buffers = new Set<ArrayBufferLike>()
  const parsed = parsedBytes(chart, buffers)
  let held = 0
  for (const buffer of buffers) held += buffer.byteLength
  return held + parsed
}

function parsedBytes(chart: Chart, buffers: Set<ArrayBufferLike>): number {
  for (const { data } of chart.raw) buffers.add(data.buffer)
  const own = chartBytes + chart.raw.length * fileBytes + valueBytes(chart.values ?? null)
  return chart.dependencies.reduce((sum, dependency) => sum + parsedBytes(dependency, buffers), own)
}

function valueBytes(value: MutableValue): number {
  if (typeof value === 'string') return entryBytes + value.length * 2
  if (value instanceof Map) {
    let sum = containerBytes
    for (const [key, item] of value) sum += key.length * 2 + valueBytes(item)
    return sum
  }
  if (Array.isArray(value)) return value.reduce<number>((sum, it) => sum + valueBytes(it), containerBytes)
  return entryBytes
}

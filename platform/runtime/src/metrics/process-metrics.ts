import { readdirSync } from 'node:fs'
import { cpuUsage, memoryUsage, uptime } from 'node:process'
import { Counter, Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'

/**
 * Adds what the process as a whole uses, under the names of Prometheus' clients. All of it is asked for when the metrics
 * are read: a process at rest stays at rest.
 *
 * @param startedAt now, in milliseconds since the epoch
 */
export function addProcessMetrics({ registry }: Metrics, startedAt: number): void {
  const registers = [registry]
  const gauge = (name: string, help: string, value: () => number | undefined): void => {
    const made = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        const current = value()
        if (current !== undefined) made.set(current)
      },
    })
  }
  const started = (startedAt - uptime() * 1_000) / 1_000
  addProcessorTime(registers)
  gauge('process_start_time_seconds', 'When the process began, in seconds since the epoch.', () => started)
  gauge('process_resident_memory_bytes', 'Memory that the process occupies.', () => memoryUsage.rss())
  gauge('process_open_fds', 'Open files and sockets.', openFiles)
  gauge('nodejs_heap_size_total_bytes', 'Size of the heap.', () => memoryUsage().heapTotal)
  gauge('nodejs_heap_size_used_bytes', 'Part of the heap that is in use.', () => memoryUsage().heapUsed)
  gauge('nodejs_external_memory_bytes', 'Memory outside of the heap.', () => memoryUsage().external)
}

function addProcessorTime(registers: Metrics['registry'][]): void {
  const time = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process.',
    registers,
    collect: () => {
      const { user, system } = cpuUsage()
      time.reset()
      time.inc((user + system) / 1_000_000)
    },
  })
}

/** Nothing where the system does not tell. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

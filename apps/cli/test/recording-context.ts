import { fakeClock } from '@sluice/ports/testing'
import type { CommandContext } from '../src/command-context.ts'

/** A context whose terminal keeps what is written; there is no cluster unless `overrides` connect to one. */
export function recordingContext(overrides: Partial<CommandContext> = {}): {
  readonly context: CommandContext
  readonly written: { stdout: string; stderr: string }
} {
  const written = { stdout: '', stderr: '' }
  const context: CommandContext = {
    terminal: {
      out: (text) => {
        written.stdout += text
      },
      err: (text) => {
        written.stderr += text
      },
      interactive: false,
      columns: 120,
    },
    clock: fakeClock(Date.UTC(2026, 0, 1)),
    workingDirectory: '/nowhere',
    environment: {},
    signal: new AbortController().signal,
    endsByItself: () => {},
    confirm: () => Promise.resolve(false),
    readInput: () => Promise.resolve(''),
    connect: () => Promise.reject(new Error('there is no cluster')),
    ...overrides,
  }
  return { context, written }
}

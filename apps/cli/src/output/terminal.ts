/** Where a command writes: data to stdout, progress to stderr, as Flux does. */
export type Terminal = {
  /** Writes `text` as it is. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether stdout is a screen, so that lines may be redrawn and coloured. */
  readonly interactive: boolean
  /** Width of the screen in columns. */
  readonly columns: number
}

/** The lines with which Flux tells what it is doing. Source: FEATURES.md §12.1. */
export type StatusLines = {
  readonly action: (message: string) => void
  readonly generate: (message: string) => void
  readonly waiting: (message: string) => void
  readonly success: (message: string) => void
  readonly warning: (message: string) => void
  readonly failure: (message: string) => void
}

export function statusLines({ err }: Pick<Terminal, 'err'>): StatusLines {
  const line = (mark: string) => (message: string) => err(`${mark} ${message}\n`)
  return {
    action: line('►'),
    generate: line('✚'),
    waiting: line('◎'),
    success: line('✔'),
    warning: line('⚠️'),
    failure: line('✗'),
  }
}

import { GoError, quote } from '@sluice/go'

/** A TOML text does not parse. The message is that of the Go library, with line and last key. */
export class TomlError extends GoError {
  override readonly name = 'TomlError'
  readonly line: number

  constructor(line: number, lastKey: string, message: string) {
    super(`toml: line ${line}${lastKey === '' ? '' : ` (last key ${quote(lastKey)})`}: ${message}`)
    this.line = line
  }
}

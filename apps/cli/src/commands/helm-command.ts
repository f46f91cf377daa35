import { Command, type Option } from 'commander'
import { CliError } from '../cli-error.ts'

const yes = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const no = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/**
 * A command whose flags are read as Helm's are: `--flag=false` switches off what has no value otherwise, and a value that
 * may be left out stands behind `=` only. Of an option that is both, `preset` is what it means by itself.
 *
 * Source: behaviour of github.com/spf13/pflag 1.0.10.
 */
export class HelmCommand extends Command {
  override parseOptions(args: string[]): ReturnType<Command['parseOptions']> {
    const end = args.indexOf('--')
    const flags = end < 0 ? args : args.slice(0, end)
    return super.parseOptions([...this.#plain(flags), ...(end < 0 ? [] : args.slice(end))])
  }

  /** The same in commander's way. */
  #plain(args: readonly string[]): string[] {
    const options = new Map(this.options.flatMap((it) => (it.long ? [[it.long, it] as const] : [])))
    const shorts = new Map(this.options.flatMap((it) => (it.short ? [[it.short, it] as const] : [])))
    let plain: string[] = []
    for (let at = 0; at < args.length; at += 1) {
      const word = args[at] ?? ''
      const equals = word.indexOf('=')
      const name = equals < 0 ? word : word.slice(0, equals)
      const option = options.get(name) ?? shorts.get(name)
      if (option?.required) {
        plain.push(name)
        const value = equals < 0 ? args[(at += 1)] : word.slice(equals + 1)
        if (value !== undefined) plain.push(value)
      } else if (option && equals < 0) {
        plain.push(option.optional ? `${option.long}=${presetOf(option)}` : word)
      } else if (option && !option.optional) {
        // The last one counts.
        plain = plain.filter((it) => it !== name)
        if (isOn(word.slice(equals + 1), name)) plain.push(name)
      } else {
        plain.push(word)
      }
    }
    return plain
  }
}

function presetOf({ presetArg }: Option): string {
  return typeof presetArg === 'string' ? presetArg : ''
}

function isOn(text: string, flag: string): boolean {
  if (yes.has(text)) return true
  if (no.has(text)) return false
  throw new CliError(
    `invalid argument "${text}" for "${flag}" flag: strconv.ParseBool: parsing "${text}": invalid syntax`,
  )
}

/** What a flag's value is, and how it is typed. */
export type FlagKind =
  | 'text'
  | 'integer'
  | 'number'
  /** On by itself; `--name=false` switches it off. */
  | 'switch'
  /** A Go duration such as `30s`. */
  | 'duration'
  /** May be given several times, and takes several values parted by commas. */
  | 'list'
  /** May be given several times, a value each time. */
  | 'repeated'
  /** `A=true,B=false`. */
  | 'gates'

/** A flag of a controller, under Flux's name and with its default. */
export type Flag = {
  readonly name: string
  readonly kind: FlagKind
  /** As it would be typed; empty for none. */
  readonly default: string
  /** Variable of the environment with another default. */
  readonly env?: string
  readonly help: string
  /** Why the flag is accepted and changes nothing; it does something when absent. */
  readonly ignored?: string
  /** For integers: the most that may be given. */
  readonly most?: number
}

// node --import tsx scripts/generate-zone-abbreviations.ts
// Writes the abbreviations of time zones (EST, CEST, +0530), which Intl does not tell, from the machine's zoneinfo.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const zoneinfo = '/usr/share/zoneinfo'
const target = fileURLToPath(
  new URL('../engines/go/src/time/generated/zone-abbreviations.ts', import.meta.url),
)
const notZones = /^(?:posix|right|localtime|posixrules)(?:\/|$)/

/** From when on an offset has which abbreviation. */
type Period = { readonly from: number | undefined; readonly offset: number; readonly abbreviation: string }

const namesByPeriods = new Map<string, string[]>()
for (const name of zoneNames()) {
  const periods = readPeriods(readFileSync(join(zoneinfo, name)))
  if (!periods) continue
  const text = describe(periods)
  namesByPeriods.set(text, [...(namesByPeriods.get(text) ?? []), name])
}
const lines = [...namesByPeriods].map(([text, names]) => `${names.join(' ')}|${text}`).toSorted()
const version = readFileSync(join(zoneinfo, 'tzdata.zi'), 'utf8').split('\n')[0]?.replace('# version ', '')
writeFileSync(
  target,
  `// Made by scripts/generate-zone-abbreviations.ts from the IANA time zone database, version ${version}.
// A line: names of zones, then by offset in seconds its abbreviations, with the Unix time from which each holds.
export const zoneAbbreviations: string = \`
${lines.join('\n')}
\`
`,
)

function zoneNames(): string[] {
  return readdirSync(zoneinfo, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(zoneinfo.length + 1))
    .filter((name) => !notZones.test(name))
    .toSorted()
}

/** Reads a TZif file of version 2 or later. Source: RFC 9636. */
function readPeriods(file: Buffer): Period[] | undefined {
  if (file.toString('latin1', 0, 4) !== 'TZif') return undefined
  const first = counts(file, 0)
  const start =
    44 +
    first.times * 5 +
    first.types * 6 +
    first.characters +
    first.leaps * 8 +
    first.standards +
    first.universals
  const { times, types, characters } = counts(file, start)
  const timesAt = start + 44
  const indexesAt = timesAt + times * 8
  const typesAt = indexesAt + times
  const charactersAt = typesAt + types * 6
  const period = (type: number, from: number | undefined): Period => {
    const at = charactersAt + file.readUInt8(typesAt + type * 6 + 5)
    return {
      from,
      offset: file.readInt32BE(typesAt + type * 6),
      abbreviation: file.toString('latin1', at, Math.min(file.indexOf(0, at), charactersAt + characters)),
    }
  }
  return [
    period(0, undefined),
    ...Array.from({ length: times }, (_, i) =>
      period(file.readUInt8(indexesAt + i), Number(file.readBigInt64BE(timesAt + i * 8))),
    ),
  ]
}

function counts(
  file: Buffer,
  at: number,
): Record<'universals' | 'standards' | 'leaps' | 'times' | 'types' | 'characters', number> {
  const read = (index: number): number => file.readUInt32BE(at + 20 + index * 4)
  return {
    universals: read(0),
    standards: read(1),
    leaps: read(2),
    times: read(3),
    types: read(4),
    characters: read(5),
  }
}

function describe(periods: readonly Period[]): string {
  const byOffset = new Map<number, Period[]>()
  for (const period of periods) {
    const known = byOffset.get(period.offset) ?? []
    if (known.at(-1)?.abbreviation !== period.abbreviation) byOffset.set(period.offset, [...known, period])
  }
  return [...byOffset]
    .map(([offset, list]) => {
      const names = list.map((it, i) => (i === 0 ? it.abbreviation : `${it.abbreviation}@${it.from}`))
      return `${offset}:${names.join(',')}`
    })
    .join(' ')
}

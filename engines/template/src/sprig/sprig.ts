import type { Clock, Crypto, Random } from '@sluice/ports'
import { type FunctionMap, mergeFunctions } from '../functions.ts'
import { certificateFunctions } from './certificates.ts'
import { cryptoFunctions } from './crypto.ts'
import { dateFunctions } from './dates.ts'
import { defaultFunctions } from './defaults.ts'
import { dictFunctions } from './dicts.ts'
import { encodingFunctions } from './encoding.ts'
import { hashFunctions } from './hashes.ts'
import { jsonFunctions } from './json.ts'
import { listFunctions } from './lists.ts'
import { mathFunctions } from './math.ts'
import { pathFunctions } from './paths.ts'
import { randomFunctions } from './random.ts'
import { reflectionFunctions } from './reflection.ts'
import { regexFunctions } from './regexes.ts'
import { semverFunctions } from './semvers.ts'
import { stringFunctions } from './strings.ts'
import { urlFunctions } from './urls.ts'

/** What Sprig's functions need of the world. One render should see one time: pass a clock that stands still. */
export type SprigPorts = {
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  readonly crypto: Crypto
}

/** Sprig's functions without `env` and `expandenv`, as Helm and Flux offer them. Source: Masterminds/sprig 3.3.0. */
export function sprigFunctions(ports: SprigPorts): FunctionMap {
  return mergeFunctions(
    stringFunctions,
    mathFunctions,
    listFunctions,
    dictFunctions,
    defaultFunctions,
    jsonFunctions,
    reflectionFunctions,
    encodingFunctions,
    hashFunctions(ports.crypto),
    cryptoFunctions(ports),
    certificateFunctions(ports),
    regexFunctions(),
    semverFunctions,
    dateFunctions(ports.clock),
    pathFunctions,
    urlFunctions,
    randomFunctions(ports.random),
  )
}

/** Names whose results are not the same each time or everywhere. Source: Masterminds/sprig 3.3.0, functions.go. */
const notHermetic: ReadonlySet<string> = new Set([
  'date',
  'date_in_zone',
  'date_modify',
  'now',
  'htmlDate',
  'htmlDateInZone',
  'dateInZone',
  'dateModify',
  'randAlphaNum',
  'randAlpha',
  'randAscii',
  'randNumeric',
  'randBytes',
  'uuidv4',
  'getHostByName',
])

/** {@link sprigFunctions} without those that depend on time, chance or the network. */
export function hermeticSprigFunctions(ports: SprigPorts): FunctionMap {
  return new Map([...sprigFunctions(ports)].filter(([name]) => !notHermetic.has(name)))
}

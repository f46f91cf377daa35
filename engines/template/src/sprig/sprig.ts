import type { Clock, Crypto, Random } from '@sluice/ports'
import { type FunctionMap, mergeFunctions } from '../functions.ts'
import { certificateFunctions } from './certificates.ts'
import { cryptoFunctions } from './crypto.ts'
import { defaultFunctions } from './defaults.ts'
import { dictFunctions } from './dicts.ts'
import { encodingFunctions } from './encoding.ts'
import { hashFunctions } from './hashes.ts'
import { jsonFunctions } from './json.ts'
import { listFunctions } from './lists.ts'
import { mathFunctions } from './math.ts'
import { reflectionFunctions } from './reflection.ts'
import { stringFunctions } from './strings.ts'

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
  )
}

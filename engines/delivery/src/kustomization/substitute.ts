import type { JsonObject, KubeObject } from '@sluice/ports'
import { envsubst } from '@sluice/template'
import { annotations, disabledValue } from '@sluice/toolkit'
import { parseYaml, printYaml } from '@sluice/yaml'
import { DeliveryError } from '../delivery-error.ts'

const namePattern = '^[_[:alpha:]][_[:alpha:][:digit:]]*$'

/** Variables and how strictly they are used. */
export type Substitution = {
  readonly variables: ReadonlyMap<string, string>
  /** Whether a variable without value and default is an error. */
  readonly strict: boolean
}

/** Whether the object asks to be left alone, by an annotation or a label. */
export function optsOut({ metadata }: KubeObject): boolean {
  const key = annotations.substitute
  return metadata.annotations?.[key] === disabledValue || metadata.labels?.[key] === disabledValue
}

/**
 * The object with variables replaced in its YAML text, which is read again: an unquoted number is a number then.
 *
 * @throws {DeliveryError} with the chain of causes that Flux reports.
 */
export function substituteObject(object: KubeObject, { variables, strict }: Substitution): KubeObject {
  for (const name of variables.keys()) {
    if (/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name)) continue
    throw failure(`envsubst error: '${name}' var name is invalid, must match '${namePattern}'`)
  }
  const text = evaluate(printYaml(object as unknown as JsonObject), { variables, strict })
  try {
    return parseYaml(text) as unknown as KubeObject
  } catch (cause) {
    throw failure('envsubst error: YAMLToJSON', cause)
  }
}

function evaluate(text: string, { variables, strict }: Substitution): string {
  try {
    return envsubst(text, variables, { strict })
  } catch (cause) {
    throw failure('envsubst error: variable substitution failed', cause)
  }
}

function failure(message: string, cause?: unknown): DeliveryError {
  return new DeliveryError('SUBSTITUTION_FAILED', message, cause === undefined ? undefined : { cause })
}

import { type PlainValue, parseJson, parsePlain } from '@sluice/yaml'
import { during, KustomizeError, unmarshaling } from '../errors.ts'
import { decodeObject, type Struct } from '../kustomization/decode.ts'
import type { Loader } from '../loading/loader.ts'
import type { FieldSpec } from '../nodes/field-spec.ts'
import {
  addNameReference,
  emptyConfig,
  mergeConfigs,
  mergeFieldSpecs,
  type TransformerConfig,
} from './transformer-config.ts'

type JsonObject = { readonly [key: string]: PlainValue }
type Definitions = ReadonlyMap<string, JsonObject>

/** References that lead from type to type end after this many. */
const maxDepth = 32

/** What the OpenAPI definitions of custom kinds say about their fields: labels, annotations, names, references. */
export function loadCrdConfig(paths: readonly string[], loader: Loader): TransformerConfig {
  return during(`loading CRDs [${paths.join(' ')}]`, () =>
    paths.reduce((config, path) => {
      const text = loader.load(path)
      const definitions = during(`unable to parse open API definition from '${path}'`, () =>
        readDefinitions(text),
      )
      return mergeConfigs(config, configOf(definitions))
    }, emptyConfig),
  )
}

function readDefinitions(text: string): Definitions {
  if (text.startsWith('{')) return definitionsOf(parseJson(text) as PlainValue)
  const value = during('error converting YAML to JSON', () => parsePlain(text))
  return unmarshaling(() => definitionsOf(value))
}

function definitionsOf(value: PlainValue): Definitions {
  const struct: Struct = { struct: 'nameToApiMap', goPackage: 'accumulator', fields: {} }
  if (!isObject(value)) decodeObject(value, struct, { strict: false, converts: false })
  return new Map(
    Object.entries(isObject(value) ? value : {}).map(([name, it]) => {
      const definition: Struct = { struct: 'OpenAPIDefinition', goPackage: 'accumulator', fields: {} }
      if (!isObject(it)) decodeObject(it, definition, { strict: false, converts: false })
      const schema = isObject(it) ? (it['Schema'] ?? it['schema'] ?? {}) : {}
      return [name, isObject(schema) ? schema : {}]
    }),
  )
}

function configOf(definitions: Definitions): TransformerConfig {
  let config = emptyConfig
  for (const name of definitions.keys()) {
    const properties = propertiesOf(definitions.get(name))
    if (!['kind', 'apiVersion', 'metadata'].every((it) => Object.hasOwn(properties, it))) continue
    const reader = new CrdReader(definitions, name.slice(name.lastIndexOf('.') + 1))
    reader.read(name, [], 0)
    config = mergeConfigs(config, reader.config)
  }
  return config
}

/** Collects the configuration of one kind. */
class CrdReader {
  config: TransformerConfig = emptyConfig
  private readonly definitions: Definitions
  private readonly kind: string

  constructor(definitions: Definitions, kind: string) {
    this.definitions = definitions
    this.kind = kind
  }

  read(typeName: string, path: readonly string[], depth: number): void {
    if (depth > maxDepth) {
      throw new KustomizeError('LIMIT_EXCEEDED', `definitions of '${this.kind}' refer to each other too deep`)
    }
    for (const [name, property] of Object.entries(propertiesOf(this.definitions.get(typeName)))) {
      if (isObject(property)) this.readProperty(property, [...path, name], depth)
    }
  }

  private readProperty(property: JsonObject, path: readonly string[], depth: number): void {
    const spec = this.spec(path)
    if (isText(property['x-kubernetes-annotation'])) this.add('commonAnnotations', spec)
    if (isText(property['x-kubernetes-label-selector'])) this.add('commonLabels', spec)
    if (isText(property['x-kubernetes-identity'])) this.add('namePrefix', spec)
    const version = property['x-kubernetes-object-ref-api-version']
    const kind = property['x-kubernetes-object-ref-kind']
    if (isText(version) && isText(kind)) {
      const key = property['x-kubernetes-object-ref-name-key']
      const reference = this.spec([...path, isText(key) ? key : 'name'])
      const nameReference = addNameReference(this.config.nameReference, {
        kind,
        version,
        fieldSpecs: [reference],
      })
      this.config = { ...this.config, nameReference }
    }
    const ref = property['$ref']
    if (isText(ref)) this.read(ref, path, depth + 1)
  }

  private add(list: 'commonAnnotations' | 'commonLabels' | 'namePrefix', spec: FieldSpec): void {
    this.config = { ...this.config, [list]: mergeFieldSpecs(this.config[list], [spec]) }
  }

  private spec(path: readonly string[]): FieldSpec {
    return { kind: this.kind, path: path.join('/') }
  }
}

function propertiesOf(schema: JsonObject | undefined): JsonObject {
  const properties = schema?.['properties']
  return isObject(properties) ? properties : {}
}

function isObject(value: PlainValue | undefined): value is { [key: string]: PlainValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: PlainValue | undefined): value is string {
  return typeof value === 'string'
}

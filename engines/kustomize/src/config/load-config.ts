import { type PlainValue, parseYaml } from '@sluice/yaml'
import { during, unmarshaling } from '../errors.ts'
import { decodeObject, type Shape, type Struct } from '../kustomization/decode.ts'
import { fieldSpec, structOf } from '../kustomization/shapes.ts'
import type { Loader } from '../loading/loader.ts'
import {
  builtInConfig,
  emptyConfig,
  fieldLists,
  mergeConfigs,
  sortConfig,
  type TransformerConfig,
} from './transformer-config.ts'

const fieldSpecs: Shape = { list: fieldSpec, goName: 'types.FsSlice' }
const gvk = structOf('Gvk', { group: 'exactString', version: 'exactString', kind: 'exactString' })
const transformerConfig: Struct = {
  ...structOf('TransformerConfig', {
    ...Object.fromEntries(fieldLists.map((list) => [list, fieldSpecs])),
    nameReference: {
      list: structOf('NameBackReferences', { fieldSpecs }, [gvk]),
      goName: 'builtinconfig.nbrSlice',
    },
  }),
  goPackage: 'builtinconfig',
}

/** The built-in configuration, and what the files at `paths` add. @throws {KustomizeError} when a file is none. */
export function loadConfig(paths: readonly string[], loader: Loader): TransformerConfig {
  const added = paths.reduce((config, path) => mergeConfigs(config, readConfig(path, loader)), emptyConfig)
  return mergeConfigs(builtInConfig(), added)
}

function readConfig(path: string, loader: Loader): TransformerConfig {
  const value = readStrictly(loader.loadBytes(path))
  const decoded = unmarshaling(() => decodeObject(value, transformerConfig, { strict: true, converts: true }))
  const references = ((decoded['nameReference'] as TransformerConfig['nameReference']) ?? []).map((it) => ({
    ...it,
    fieldSpecs: it.fieldSpecs ?? [],
  }))
  return sortConfig({ ...emptyConfig, ...decoded, nameReference: references })
}

function readStrictly(bytes: Uint8Array): PlainValue {
  return during('error converting YAML to JSON', () => parseYaml(bytes, { strict: true }) as PlainValue)
}

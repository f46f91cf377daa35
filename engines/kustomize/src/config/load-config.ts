import { parsePlain } from '@sluice/yaml'
import { during } from '../errors.ts'
import { decodeObject, type Shape } from '../kustomization/decode.ts'
import { fieldSpecFields } from '../kustomization/shapes.ts'
import type { Loader } from '../loading/loader.ts'
import {
  builtInConfig,
  emptyConfig,
  fieldLists,
  mergeConfigs,
  sortConfig,
  type TransformerConfig,
} from './transformer-config.ts'

const fieldSpecs: Shape = { list: { fields: fieldSpecFields } }
const configFields: Readonly<Record<string, Shape>> = {
  ...Object.fromEntries(fieldLists.map((list) => [list, fieldSpecs])),
  nameReference: {
    list: { fields: { group: 'exactString', version: 'exactString', kind: 'exactString', fieldSpecs } },
  },
}

/** The built-in configuration, and what the files at `paths` add. @throws {KustomizeError} when a file is none. */
export function loadConfig(paths: readonly string[], loader: Loader): TransformerConfig {
  const added = paths.reduce((config, path) => mergeConfigs(config, readConfig(path, loader)), emptyConfig)
  return mergeConfigs(builtInConfig(), added)
}

function readConfig(path: string, loader: Loader): TransformerConfig {
  return during(`configuration '${path}'`, () => {
    const decoded = decodeObject(parsePlain(loader.load(path)), configFields, {
      strict: true,
      converts: true,
    })
    const references = ((decoded['nameReference'] as TransformerConfig['nameReference']) ?? []).map((it) => ({
      ...it,
      fieldSpecs: it.fieldSpecs ?? [],
    }))
    return sortConfig({ ...emptyConfig, ...decoded, nameReference: references })
  })
}

import { errorChain } from '@sluice/ports'
import { parseYamlDocuments, printYaml, YamlError } from '@sluice/yaml'
import { isTable, mergeValues, type ValuesTable } from '../../shared/merge-values.ts'
import { CopyError } from './copy-error.ts'

/** One YAML file laid over another as Helm does with values: tables are merged, lists replaced. @throws {CopyError} */
export function mergeFiles(under: Uint8Array, over: Uint8Array): Uint8Array {
  return new TextEncoder().encode(printYaml(mergeValues(readTable(under), readTable(over))))
}

/** All documents of a file as one table. */
function readTable(content: Uint8Array): ValuesTable {
  let table: ValuesTable = {}
  for (const { value } of documents(content)) {
    if (value === null) continue
    if (!isTable(value)) throw new CopyError('cannot unmarshal YAML document: it is not a map')
    table = mergeValues(table, value)
  }
  return table
}

function documents(content: Uint8Array): ReturnType<typeof parseYamlDocuments> {
  try {
    return parseYamlDocuments(content)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CopyError(`cannot unmarshal YAML document: ${errorChain(error)}`)
  }
}

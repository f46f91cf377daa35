/**
 * YAML and JSON as the Go tools of Kubernetes read and print them.
 *
 * @example
 * printYaml(parseYaml('b: 0o17\na: [yes, 1.0]')) // 'a:\n- true\n- 1\nb: 15\n'
 */
export { JsonError } from './json/json-error.ts'
export type { Printable } from './json/json-view.ts'
export { type JsonOptions, jsonMarshal } from './json/marshal.ts'
export { parseJson, parseJsonGo } from './json/parse.ts'
export type {
  AliasNode,
  DocumentNode,
  MappingNode,
  NodeFields,
  NodeStyle,
  ScalarNode,
  SequenceNode,
  YamlNode,
} from './node.ts'
export { printYaml } from './print/printer.ts'
export {
  parseYaml,
  parseYamlDocuments,
  parseYamlGo,
  type ReadOptions,
  type YamlDocument,
} from './read/read.ts'
export type { YamlValue } from './read/shape.ts'
export { YamlError, type YamlErrorCode } from './yaml-error.ts'

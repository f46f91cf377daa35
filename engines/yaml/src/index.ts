/**
 * YAML and JSON as the Go tools of Kubernetes read and print them.
 *
 * @example
 * printYaml(parseYaml('b: 0o17\na: [yes, 1.0]')) // 'a:\n- true\n- 1\nb: 15\n'
 */
export { type CommentedScalar, findCommentedScalars } from './edit/commented-scalars.ts'
export { replaceScalars, type ScalarReplacement } from './edit/replace-scalars.ts'
export { JsonError } from './json/json-error.ts'
export { type Printable, StructFields } from './json/json-view.ts'
export { type JsonOptions, jsonMarshal } from './json/marshal.ts'
export { parseJson, parseJsonGo } from './json/parse.ts'
export { compareKeys } from './print/key-order.ts'
export { type PrintYamlOptions, printYaml } from './print/printer.ts'
export {
  parseYaml,
  parseYamlDocuments,
  parseYamlGo,
  type ReadOptions,
  type YamlDocument,
} from './read/read.ts'
export { resolvePlain } from './read/resolve.ts'
export type { YamlValue } from './read/shape.ts'
export { expandAliases, hasAliases } from './tree/aliases.ts'
export { printCanonical } from './tree/canonical-printer.ts'
export { JsonNumber, type JsonScalar, jsonScalar } from './tree/canonical-scalar.ts'
export { type ParseOptions, parseDocument, parseDocuments } from './tree/composer.ts'
export { type NodeKind, type NodeStyle, plainScalar, stringScalar, YamlNode } from './tree/node.ts'
export { fromPlain, type PlainValue, toPlain } from './tree/plain.ts'
export { parsePlain } from './tree/plain-v2.ts'
export { type PrintOptions, printTree } from './tree/printer.ts'
export { type ResolvedTag, resolveTag } from './tree/resolve-tag.ts'
export { YamlError, type YamlErrorCode } from './yaml-error.ts'

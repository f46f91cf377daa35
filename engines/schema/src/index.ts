/**
 * Kubernetes types as data: structural schemas of built-in kinds and CRDs, and what the API server does with them.
 *
 * @example
 * const deployment = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' })
 * prune({ spec: { replica: 1 } }, deployment, { isResource: true }).unknown // ['spec.replica']
 */
export {
  type BuiltinSchemas,
  builtinDefinition,
  builtinDefinitionNames,
  builtinSchema,
  builtinSchemas,
  type GroupVersionKind,
} from './builtin/builtin-schemas.ts'
export { validateCrd, validateCrdChange } from './crd/validate-crd.ts'
export { validateCrdSchema } from './crd/validate-crd-schema.ts'
export {
  childPath,
  duplicate,
  type FieldError,
  type FieldErrorType,
  fieldError,
  forbidden,
  indexPath,
  invalid,
  keyPath,
  notSupported,
  required,
} from './errors/field-error.ts'
export { type PrinterColumn, PrinterColumns } from './json-path/columns.ts'
export { JsonPath, printValue } from './json-path/json-path.ts'
export { JsonPathError } from './json-path/json-path-error.ts'
export { type DeclType, declaredFields, declareType } from './rules/decl-type.ts'
export {
  defaultCostBudget,
  type RuleOptions,
  type RuleResult,
  type RuleValidator,
  ruleValidator,
} from './rules/rule-validator.ts'
export { applyDefaults } from './structural/defaults.ts'
export { dropNulls } from './structural/nulls.ts'
export { type Pruned, type PruneOptions, prune } from './structural/prune.ts'
export {
  type ListType,
  type MapType,
  type SchemaType,
  StructuralSchema,
  structuralSchema,
  type ValidationRule,
} from './structural/structural-schema.ts'
export type { ValueRules } from './structural/value-rules.ts'
export { validateEmbedded } from './validation/embedded.ts'
export { validateLists } from './validation/list-keys.ts'
export { type ValidateOptions, type Validation, validate, validateResource } from './validation/validate.ts'

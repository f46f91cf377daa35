/**
 * The ways to change a Kubernetes object: JSON patch, merge patch, strategic merge patch, and server-side apply with
 * its record of who manages which fields.
 *
 * @example
 * mergePatch({ a: 1, b: 2 }, { b: null }) // { a: 1 }
 */
export { type Applied, type ApplyContext, applyConfiguration } from './apply/apply-configuration.ts'
export { ApplyConflictError, type FieldConflict, TypedPatchError } from './apply/apply-error.ts'
export { checkTyped } from './apply/check-typed.ts'
export { type FieldSet, setOf } from './apply/field-set.ts'
export { decodeManagers, encodeManagers, ManagedFieldsError, type Manager } from './apply/managers.ts'
export { trackUpdate, type WriteContext } from './apply/track-update.ts'
export { readOpenApi } from './node/comment-schema.ts'
export { NodeMergeError, type NodeMergeErrorCode, wrongKindMessage } from './node/errors.ts'
export { fieldOf, isEmptyMapping, isMissingOrNull, isNull, keyIndex, removeField } from './node/fields.ts'
export { type MergeOptions, mergeNodes } from './node/merge-nodes.ts'
export type { NodeSchema, NodeSchemas } from './node/schema.ts'
export { quoteOldWords, setField, setScalar } from './node/set-field.ts'
export { jsonPatch, maxJsonPatchOperations } from './patch/json-patch.ts'
export { jsonEqual } from './patch/json-values.ts'
export { mergePatch } from './patch/merge-patch.ts'
export { PatchError, type PatchErrorCode } from './patch/patch-error.ts'
export { strategicMerge } from './patch/strategic-merge.ts'

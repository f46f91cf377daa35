/**
 * Image automation without I/O: references, tag policies, markers in YAML files and commit messages.
 *
 * @example
 * selectTag({ semver: { range: '1.x' } }, ['1.2.0', '1.10.0', '2.0.0']) // '1.10.0'
 */
export type { ObjectChange, ObjectIdentifier, SetterChange, UpdatedImage } from './changes.ts'
export type { CommitData, DataForm } from './commit/commit-data.ts'
export { type CommitMessageOptions, renderCommitMessage } from './commit/commit-message.ts'
export { ImageError, type ImageErrorCode } from './image-error.ts'
export type { TagFilter } from './policy/tag-filter.ts'
export {
  type ImagePolicyChoice,
  selectTag,
  type TagPolicy,
  type TagVerdict,
  tagPolicy,
} from './policy/tag-policy.ts'
export { type ImageReference, imageName, parseImageName, parseImageReference } from './reference.ts'
export { tagsRevision } from './revision.ts'
export { type PolicyImage, type SetterResult, setImages } from './setters.ts'
export { type TreeUpdate, type UpdateTreeOptions, updateTree } from './update-tree.ts'

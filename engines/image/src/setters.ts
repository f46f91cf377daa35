import { findCommentedScalars, replaceScalars, YamlError } from '@sluice/yaml'
import type { ObjectChange, ObjectIdentifier, SetterChange, UpdatedImage } from './changes.ts'
import { ImageError } from './image-error.ts'
import { objectFinder } from './objects.ts'
import { parseImageReference } from './reference.ts'

/** An ImagePolicy as far as markers need it: `latestRef` of its status. */
export type PolicyImage = {
  readonly namespace: string
  readonly name: string
  readonly image: { readonly name: string; readonly tag: string; readonly digest?: string }
}

/** What the markers of some files led to. */
export type SetterResult = {
  /** The new texts of the files that changed, by path. */
  readonly files: ReadonlyMap<string, string>
  readonly changes: readonly ObjectChange[]
  /** Paths of files that have a marker but are no YAML objects; they stay as they are. */
  readonly problemFiles: readonly string[]
}

/** The key of a marker: `# {"$imagepolicy": "namespace:policy:tag"}`. */
const marker = '$imagepolicy'

/** What a file has to contain to be looked at. */
export const markerToken: string = JSON.stringify(marker)

type Setter = { readonly value: string; readonly image: UpdatedImage }

/**
 * Sets the fields that are marked with `# {"$imagepolicy": "namespace:name"}` to the images of policies, and leaves
 * every other byte alone. `:name`, `:tag` and `:digest` after the policy set a part only. Markers of other policies
 * are left alone.
 *
 * Source: FEATURES of Flux 2.9, §8; fluxcd/image-automation-controller, internal/update.
 * @param files path and text of the files that may have markers
 * @throws {ImageError} when the image of a policy is none
 */
export function setImages(
  files: Iterable<readonly [path: string, text: string]>,
  policies: readonly PolicyImage[],
): SetterResult {
  const setters = new Map(policies.flatMap(settersOf))
  const changed = new Map<string, string>()
  const changes: ObjectChange[] = []
  const problemFiles: string[] = []
  for (const [path, text] of files) {
    if (!isSettable(path) || !text.includes(markerToken)) continue
    try {
      const result = setFile(path, text, setters)
      if (result.text !== text) changed.set(path, result.text)
      changes.push(...result.changes)
    } catch (cause) {
      if (!(cause instanceof YamlError)) throw cause
      problemFiles.push(path)
    }
  }
  return { files: changed, changes, problemFiles }
}

/** Whether a file is looked into for markers, by its name. */
export function isSettable(path: string): boolean {
  return /(?:\.ya?ml|(?:^|\/)Kustomization)$/.test(path)
}

function settersOf({ namespace, name, image }: PolicyImage): [string, Setter][] {
  const { tag, digest = '' } = image
  const full = `${image.name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`
  checkReference(full)
  const updated: UpdatedImage = { image: full, policy: { name, namespace } }
  const values: [string, string][] = [
    ['', full],
    [':name', image.name],
    [':tag', tag],
    [':digest', digest],
  ]
  return values.map(([suffix, value]) => [`${namespace}:${name}${suffix}`, { value, image: updated }])
}

function checkReference(image: string): void {
  try {
    parseImageReference(image)
  } catch (cause) {
    throw new ImageError(
      'IMAGE_REFERENCE_INVALID',
      `encountered invalid image ref ${JSON.stringify(image)}`,
      { cause },
    )
  }
}

function setFile(
  path: string,
  text: string,
  setters: ReadonlyMap<string, Setter>,
): { readonly text: string; readonly changes: readonly ObjectChange[] } {
  const identify = objectFinder(text)
  const byObject = new Map<
    string,
    { object: ObjectIdentifier; changes: SetterChange[]; images: UpdatedImage[] }
  >()
  const replacements = []
  for (const scalar of findCommentedScalars(text)) {
    const name = setterName(scalar.comment)
    const setter = name === undefined ? undefined : setters.get(name)
    if (name === undefined || !setter || setter.value === scalar.value) continue
    replacements.push({ scalar, value: setter.value })
    const object = identify(scalar.document, scalar.path)
    const key = JSON.stringify(object)
    const entry = byObject.get(key) ?? { object, changes: [], images: [] }
    byObject.set(key, entry)
    entry.changes.push({ oldValue: scalar.value, newValue: setter.value, setter: name })
    entry.images.push(setter.image)
  }
  return {
    text: replaceScalars(text, replacements),
    changes: [...byObject.values()].map((entry) => ({ file: path, ...entry })),
  }
}

/** The setter that a comment names; nothing when it is another comment. */
function setterName(comment: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(comment)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  const entries = Object.entries(parsed)
  if (!entries.every(([, value]) => typeof value === 'string')) return undefined
  const name: unknown = entries.find(([key]) => key === marker)?.[1]
  return typeof name === 'string' && name !== '' ? name : undefined
}

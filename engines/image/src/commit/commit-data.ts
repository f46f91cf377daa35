import { GoMap, GoObject, GoSlice, type GoValue } from '@sluice/go'
import { define } from '@sluice/template'
import type { ObjectChange, ObjectIdentifier, SetterChange, UpdatedImage } from '../changes.ts'
import { imageName, parseImageReference } from '../reference.ts'

/** What a commit message tells of. */
export type CommitData = {
  readonly automation: { readonly name: string; readonly namespace: string }
  readonly changes: readonly ObjectChange[]
  /** `spec.git.commit.messageTemplateValues`. */
  readonly values?: Readonly<Record<string, string>>
}

/**
 * The data of message templates. `v1` is what Flux 2.9 offers; `all` has `.Updated` and `.Changed.ImageResult` as well,
 * which Flux took away.
 */
export type DataForm = 'v1' | 'all'

/** Dot of a message template. Source: fluxcd/image-automation-controller, internal/source and internal/update. */
export function templateData({ automation, changes, values }: CommitData, form: DataForm): GoObject {
  const objects = objectValues(changes)
  const result = form === 'all' ? imageResult(changes, objects) : undefined
  const valueMap = values && new Map<GoValue, GoValue>(Object.entries(values))
  return new GoObject(
    'source.TemplateData',
    new Map<string, GoValue>([
      ['AutomationObject', namespacedName(automation)],
      ...(result ? ([['Updated', result]] as const) : []),
      ['Changed', changeResult(changes, objects, result)],
      ['Values', new GoMap('map[string]string', valueMap ?? null)],
    ]),
  )
}

/** One value for each object, because maps find such keys by identity. */
type ObjectValues = ReadonlyMap<string, GoObject>

function objectValues(changes: readonly ObjectChange[]): ObjectValues {
  const values = new Map<string, GoObject>()
  for (const { object } of changes) {
    const key = keyOf(object)
    if (!values.has(key)) values.set(key, objectIdentifier(object))
  }
  return values
}

function keyOf({ apiVersion, kind, name, namespace }: ObjectIdentifier): string {
  return JSON.stringify([apiVersion, kind, name, namespace])
}

/** Its fields are those of the types that Go's type embeds; they are reached without naming those. */
function objectIdentifier({ apiVersion, kind, name, namespace }: ObjectIdentifier): GoObject {
  const typeMeta = new GoObject(
    'yaml.TypeMeta',
    new Map([
      ['APIVersion', apiVersion],
      ['Kind', kind],
    ]),
  )
  const nameMeta = new GoObject(
    'yaml.NameMeta',
    new Map([
      ['Name', name],
      ['Namespace', namespace],
    ]),
  )
  const promoted = Object.entries({ APIVersion: apiVersion, Kind: kind, Name: name, Namespace: namespace })
  const methods = promoted.map(([field, value]) => [field, define([], () => value)] as const)
  const identifier = new GoObject(
    'yaml.ResourceIdentifier',
    new Map([
      ['TypeMeta', typeMeta],
      ['NameMeta', nameMeta],
    ]),
    new Map(methods),
  )
  return new GoObject(
    'update.ObjectIdentifier',
    new Map([['ResourceIdentifier', identifier]]),
    new Map(methods),
  )
}

/** `update.Result` of today, `update.ResultV2` with the images before. */
function changeResult(
  changes: readonly ObjectChange[],
  objects: ObjectValues,
  images: GoObject | undefined,
): GoObject {
  const byFile = groupByFile(changes, (it) => objectChanges(it, objects))
  const fileChanges = new GoMap('map[string]update.ObjectChanges', byFile.size === 0 ? null : byFile)
  const methods = new Map([
    [
      'Changes',
      define([], () =>
        changeList(
          distinct(
            changes.flatMap((it) => it.changes),
            changeKey,
          ),
        ),
      ),
    ],
    ['Objects', define([], () => objectChanges(changes, objects))],
  ])
  return images
    ? new GoObject(
        'update.ResultV2',
        new Map<string, GoValue>([
          ['ImageResult', images],
          ['FileChanges', fileChanges],
        ]),
        methods,
      )
    : new GoObject('update.Result', new Map([['FileChanges', fileChanges]]), methods)
}

function objectChanges(changes: readonly ObjectChange[], objects: ObjectValues): GoMap {
  const entries = groupByObject(changes, objects, (it) => it.changes, changeList)
  return new GoMap('update.ObjectChanges', entries, {
    underlying: 'map[update.ObjectIdentifier][]update.Change',
  })
}

function changeList(changes: readonly SetterChange[]): GoSlice {
  return new GoSlice('[]update.Change', changes.length === 0 ? null : changes.map(changeValue))
}

function changeValue({ oldValue, newValue, setter }: SetterChange): GoObject {
  return new GoObject(
    'update.Change',
    new Map([
      ['OldValue', oldValue],
      ['NewValue', newValue],
      ['Setter', setter],
    ]),
  )
}

function changeKey({ oldValue, newValue, setter }: SetterChange): string {
  return JSON.stringify([oldValue, newValue, setter])
}

/** The older `update.Result`: the images of each file and object. */
function imageResult(changes: readonly ObjectChange[], objects: ObjectValues): GoObject {
  const withImages = changes.filter((it) => it.images.length > 0)
  const files = groupByFile(
    withImages,
    (it) => new GoObject('update.FileResult', new Map([['Objects', objectImages(it, objects)]])),
  )
  const methods = new Map([
    [
      'Images',
      define([], () =>
        imageList(
          distinct(
            withImages.flatMap((it) => it.images),
            imageKey,
          ),
        ),
      ),
    ],
    ['Objects', define([], () => objectImages(withImages, objects))],
  ])
  return new GoObject(
    'update.Result',
    new Map([['Files', new GoMap('map[string]update.FileResult', files.size === 0 ? null : files)]]),
    methods,
  )
}

function objectImages(changes: readonly ObjectChange[], objects: ObjectValues): GoMap {
  return new GoMap(
    'map[update.ObjectIdentifier][]update.ImageRef',
    groupByObject(changes, objects, (it) => it.images, imageList),
  )
}

function imageList(images: readonly UpdatedImage[]): GoSlice {
  return new GoSlice('[]update.ImageRef', images.length === 0 ? null : images.map(imageRef))
}

function imageKey({ image, policy }: UpdatedImage): string {
  return JSON.stringify([image, policy.namespace, policy.name])
}

function imageRef({ image, policy }: UpdatedImage): GoObject {
  const reference = parseImageReference(image)
  return new GoObject(
    'update.ImageRef',
    new Map(),
    new Map([
      ['String', define([], () => reference.text)],
      ['Identifier', define([], () => reference.identifier)],
      ['Repository', define([], () => reference.repository)],
      ['Registry', define([], () => reference.registry)],
      ['Name', define([], () => imageName(reference))],
      ['Policy', define([], () => namespacedName(policy))],
    ]),
  )
}

function namespacedName({
  name,
  namespace,
}: {
  readonly name: string
  readonly namespace: string
}): GoObject {
  return new GoObject(
    'types.NamespacedName',
    new Map([
      ['Namespace', namespace],
      ['Name', name],
    ]),
    new Map([['String', define([], () => `${namespace}/${name}`)]]),
  )
}

function groupByFile(
  changes: readonly ObjectChange[],
  value: (changes: readonly ObjectChange[]) => GoValue,
): Map<GoValue, GoValue> {
  const files = new Map<string, ObjectChange[]>()
  for (const change of changes) files.set(change.file, [...(files.get(change.file) ?? []), change])
  return new Map([...files].map(([file, list]) => [file, value(list)]))
}

function groupByObject<T>(
  changes: readonly ObjectChange[],
  objects: ObjectValues,
  itemsOf: (change: ObjectChange) => readonly T[],
  toSlice: (items: readonly T[]) => GoSlice,
): Map<GoValue, GoValue> {
  const groups = new Map<string, T[]>()
  for (const change of changes) {
    const key = keyOf(change.object)
    groups.set(key, [...(groups.get(key) ?? []), ...itemsOf(change)])
  }
  return new Map([...groups].map(([key, items]) => [objects.get(key), toSlice(items)]))
}

/** Each item once, where it comes first. */
function distinct<T>(items: readonly T[], keyOfItem: (item: T) => string): T[] {
  const seen = new Map<string, T>()
  for (const item of items) {
    const key = keyOfItem(item)
    if (!seen.has(key)) seen.set(key, item)
  }
  return [...seen.values()]
}

import { setScalar } from '@sluice/merge'
import { plainScalar, type YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import type { Image } from '../kustomization/types.ts'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { expectKind } from '../nodes/lookup.ts'
import { compilePattern, type Matcher } from '../regexp.ts'
import { isSelected } from '../resource/res-id.ts'
import type { Transformer } from './transformer.ts'

/** The parts of an image reference; empty where there are none. */
type ImageParts = { readonly name: string; readonly tag: string; readonly digest: string }

/** Changes name, tag or digest of images: in all lists of containers, and in the fields of `fieldSpecs`. */
export function imageTransformer(image: Image, fieldSpecs: readonly FieldSpec[]): Transformer {
  const matches = imageMatcher(image.name ?? '')
  const update = (node: YamlNode): void => {
    expectKind(node, 'scalar')
    if (matches(node.value)) setScalar(node, plainScalar(changeImage(node.value, image)))
  }
  return (resources) => {
    for (const resource of resources.all) {
      const { gvk, node } = resource
      if (gvk.kind === 'CustomResourceDefinition') continue
      updateContainers(node, update)
      for (const spec of fieldSpecs) {
        if (isSelected(gvk, spec)) visitField(node, spec, update)
      }
    }
  }
}

/** What may follow an image's name: a tag and a digest. No two repetitions meet: linear. */
const afterName = /^(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$/

/** Whether a reference is of the image `name`, which is a pattern; a name that is no pattern matches nothing. */
function imageMatcher(name: string): Matcher {
  if (/^[\w/-]+$/.test(name)) {
    return (text) => text.startsWith(name) && afterName.test(text.slice(name.length))
  }
  try {
    return compilePattern(`^${name}${afterName.source.slice(1)}`)
  } catch (error) {
    if (error instanceof KustomizeError) return () => false
    throw error
  }
}

function changeImage(text: string, image: Image): string {
  const parts = splitImage(text)
  const { newName = '', newTag = '', digest = '', tagSuffix = '' } = image
  const name = newName === '' ? parts.name : newName
  let { tag, digest: oldDigest } = parts
  if (newTag !== '') {
    tag = newTag
    oldDigest = digest
  } else if (digest !== '') {
    tag = ''
    oldDigest = digest
  } else if (tagSuffix !== '') {
    tag += tagSuffix
    oldDigest = ''
  }
  return name + (tag === '' ? '' : `:${tag}`) + (oldDigest === '' ? '' : `@${oldDigest}`)
}

/** Takes a reference apart; a colon before the first slash is a port's. */
function splitImage(text: string): ImageParts {
  const slash = Math.max(text.indexOf('/'), 0)
  const at = text.indexOf('@', slash)
  const colon = text.indexOf(':', slash)
  if (at < 0 && colon < 0) return { name: text, tag: '', digest: '' }
  if (at >= 0 && (at < colon || colon < 0)) {
    return { name: text.slice(0, at), tag: '', digest: text.slice(at + 1) }
  }
  const tagEnd = at < 0 ? text.length : at
  return {
    name: text.slice(0, colon),
    tag: text.slice(colon + 1, tagEnd),
    digest: at < 0 ? '' : text.slice(at + 1),
  }
}

/** Calls `update` on the image of each item of a list that is named as containers' lists are, at any depth. */
function updateContainers(node: YamlNode, update: (image: YamlNode) => void): void {
  const { content } = node
  if (node.kind === 'sequence') {
    for (const item of content) updateContainers(item, update)
    return
  }
  if (node.kind !== 'mapping') return
  for (let i = 0; i + 1 < content.length; i += 2) {
    const [key, value] = [content[i], content[i + 1]]
    if (!key || !value) continue
    updateContainers(value, update)
    if (key.value !== 'containers' && key.value !== 'initContainers') continue
    if (value.kind === 'sequence') for (const item of value.content) updateImageOf(item, update)
  }
}

function updateImageOf(item: YamlNode, update: (image: YamlNode) => void): void {
  if (item.tag === '!!null') return
  expectKind(item, 'mapping')
  for (let i = 0; i + 1 < item.content.length; i += 2) {
    const value = item.content[i + 1]
    if (item.content[i]?.value === 'image' && value) return update(value)
  }
}

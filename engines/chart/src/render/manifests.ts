import { compareGoStrings, GoError, goStringBytes, isValidUtf8 } from '@sluice/go'
import { parseYaml } from '@sluice/yaml'
import { ChartError } from '../load/chart-error.ts'
import {
  decodeStruct,
  pointerTo,
  structOf,
  text as textField,
  textMap,
  yamlDecodingPrefix,
} from '../load/go-struct.ts'
import { installOrder, type KindOrder, sortByKind } from './kind-order.ts'

/** One object of the rendered output, as text. */
export type Manifest = {
  /** Path of the template. */
  readonly path: string
  readonly content: string
  readonly apiVersion: string
  readonly kind: string
}

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test'

/** An object that Helm runs at events instead of keeping it. */
export type Hook = {
  readonly name: string
  readonly kind: string
  readonly path: string
  readonly manifest: string
  readonly events: readonly HookEvent[]
  readonly weight: number
  readonly deletePolicies: readonly string[]
  readonly outputLogPolicies: readonly string[]
}

export type SortedManifests = { readonly hooks: readonly Hook[]; readonly manifests: readonly Manifest[] }

const eventNames = new Map<string, HookEvent>([
  ['pre-install', 'pre-install'],
  ['post-install', 'post-install'],
  ['pre-delete', 'pre-delete'],
  ['post-delete', 'post-delete'],
  ['pre-upgrade', 'pre-upgrade'],
  ['post-upgrade', 'post-upgrade'],
  ['pre-rollback', 'pre-rollback'],
  ['post-rollback', 'post-rollback'],
  ['test', 'test'],
  // The name that Helm 2 had for it.
  ['test-success', 'test'],
])

type Head = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly annotations: ReadonlyMap<string, string> } | undefined
}

const headFields = {
  apiVersion: textField,
  kind: textField,
  metadata: pointerTo(
    structOf(
      '',
      { name: textField, annotations: textMap },
      'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
    ),
  ),
}

/**
 * Splits rendered files into objects and sorts them: hooks apart, the rest by kind.
 *
 * @param files rendered texts by path of their template
 * @throws {ChartError} `YAML parse error on FILE: …`
 */
export function sortManifests(
  files: ReadonlyMap<string, string>,
  {
    order = installOrder,
    log = () => {},
  }: { readonly order?: KindOrder; readonly log?: (line: string) => void } = {},
): SortedManifests {
  const hooks: Hook[] = []
  const manifests: Manifest[] = []
  for (const path of [...files.keys()].toSorted(compareGoStrings)) {
    if (path.slice(path.lastIndexOf('/') + 1).startsWith('_')) continue
    for (const content of splitManifests(files.get(path) ?? '')) {
      const head = headOf(content, path)
      const types = head.metadata?.annotations.get('helm.sh/hook')
      if (types === undefined) {
        manifests.push({ path, content, apiVersion: head.apiVersion, kind: head.kind })
        continue
      }
      const events = types.split(',').map((type) => eventNames.get(type.trim().toLowerCase()))
      if (events.every((event) => event !== undefined)) {
        hooks.push(hookOf(head, events, { path, content }))
      } else {
        log(
          `level=INFO msg="skipping unknown hooks" hookTypes=${/[\s"=]/.test(types) ? JSON.stringify(types) : types}`,
        )
      }
    }
  }
  return { hooks: sortByKind(hooks, order), manifests: sortByKind(manifests, order) }
}

/** The documents of a text, without blanks before them. A separator needs nothing behind it, not even a line break. */
export function splitManifests(text: string): string[] {
  return text
    .trimStart()
    .split(/^---[ \t]*/m)
    .filter((document) => document.trim() !== '')
    .map((document) => document.trimStart())
}

/** Hooks of one event in the order in which they run: by weight, then kind as sorted, then name. */
export function hooksFor(hooks: readonly Hook[], event: HookEvent): Hook[] {
  return hooks
    .filter((hook) => hook.events.includes(event))
    .toSorted((a, b) => a.weight - b.weight || compareGoStrings(a.name, b.name))
}

function headOf(content: string, path: string): Head {
  try {
    return decodeStruct<Head>(
      parseYaml(isValidUtf8(content) ? content : goStringBytes(content)),
      headFields,
      { name: 'SimpleHead', type: 'util.SimpleHead' },
    )
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new ChartError('CHART_INVALID', `YAML parse error on ${path}: ${readingText(cause)}`, { cause })
  }
}

function readingText(cause: Error): string {
  if (cause instanceof ChartError) return yamlDecodingPrefix + cause.message
  return cause instanceof GoError ? cause.message : `error converting YAML to JSON: ${cause.message}`
}

type Source = { readonly path: string; readonly content: string }

function hookOf({ kind, metadata }: Head, events: readonly HookEvent[], { path, content }: Source): Hook {
  const annotations = metadata?.annotations ?? new Map<string, string>()
  const weight = annotations.get('helm.sh/hook-weight') ?? ''
  return {
    name: metadata?.name ?? '',
    kind,
    path,
    manifest: content,
    events,
    weight: /^[+-]?\d+$/.test(weight) ? Number(weight) : 0,
    deletePolicies: listOf(annotations.get('helm.sh/hook-delete-policy')),
    outputLogPolicies: listOf(annotations.get('helm.sh/hook-output-log-policy')),
  }
}

function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(',').map((it) => it.trim().toLowerCase())
}

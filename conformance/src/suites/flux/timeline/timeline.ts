import {
  ApiError,
  connectionFor,
  httpTransport,
  nodeSurroundings,
  parseKubeConfig,
  type Resource,
  type Transport,
} from '@sluice/cluster'
import { createHttp, systemClock } from '@sluice/host'
import type { JsonValue, KubeObject } from '@sluice/ports'

/** A state that an object was in. */
export type Version = {
  /** Of the whole store: versions of different objects have one order. */
  readonly revision: number
  /** Absent when the object was gone. */
  readonly object: KubeObject | undefined
  /** Its line of `kubectl get`, with two blanks between cells. */
  readonly row: string
}

/** Every state that objects of the followed resources went through. */
export type Timeline = AsyncDisposable & {
  /** Follows a resource from now on; once is enough. */
  readonly follow: (resource: Resource) => void
  /** Versions of the object of this name, the oldest first; none when its resource is not followed. */
  readonly versionsOf: (object: KubeObject) => readonly Version[]
}

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const pauseMs = 200

/** Watches over the network as any client does, so that nothing of the server and the controllers is another for it. */
export async function startTimeline(kubeconfig: string): Promise<Timeline> {
  const stop = new AbortController()
  const http = createHttp()
  const connection = await connectionFor(parseKubeConfig(kubeconfig), {
    clock: systemClock,
    surroundings: nodeSurroundings({ env: {}, homeDirectory: '/' }),
    trusted: true,
  })
  const transport = httpTransport(connection, { http, clock: systemClock })
  const versions = new Map<string, Version[]>()
  const followed = new Map<string, Promise<void>>()
  return {
    follow: (resource) => {
      const path = pathOf(resource)
      if (followed.has(path)) return
      followed.set(path, record(path, { transport, versions, signal: stop.signal }))
    },
    versionsOf: (object) => versions.get(nameOf(object)) ?? [],
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await Promise.all(followed.values())
      await http.close()
    },
  }
}

type Recording = {
  readonly transport: Transport
  readonly versions: Map<string, Version[]>
  readonly signal: AbortSignal
}

/** A watch that ends begins again; what it tells twice is kept once. */
async function record(path: string, { transport, versions, signal }: Recording): Promise<void> {
  const request = {
    method: 'GET',
    path,
    query: { watch: 'true', includeObject: 'Object' },
    accept: asTable,
  } as const
  while (!signal.aborted) {
    try {
      let columns: Table['columnDefinitions']
      for await (const { type, object } of transport.watch(request, { signal })) {
        const table = object as unknown as Table
        columns = table.columnDefinitions ?? columns
        for (const row of table.rows) keep(versions, versionOf(row, { columns, isGone: type === 'DELETED' }))
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      // A kind that was defined a moment ago may not be served yet.
      await systemClock.sleep(pauseMs, signal).catch(() => undefined)
    }
  }
}

type Row = { readonly cells: readonly JsonValue[]; readonly object: KubeObject }

type Table = {
  /** Only in the first event of a watch. */
  readonly columnDefinitions?: readonly { readonly priority: number }[] | null
  readonly rows: readonly Row[]
}

function versionOf(
  { cells, object }: Row,
  { columns, isGone }: { readonly columns: Table['columnDefinitions']; readonly isGone: boolean },
): Version & { readonly name: string } {
  const shown = cells.filter((_, at) => (columns?.[at]?.priority ?? 0) === 0)
  return {
    name: nameOf(object),
    revision: Number(object.metadata.resourceVersion),
    object: isGone ? undefined : object,
    row: shown.map(cellText).join('  '),
  }
}

/** kubectl prints a text up to the end of its first line. */
function cellText(cell: JsonValue): string {
  if (cell === null) return ''
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell)
  const end = text.search(/[\f\n\r]/)
  return end < 0 ? text : `${text.slice(0, end)}...`
}

function keep(
  versions: Map<string, Version[]>,
  { name, ...version }: Version & { readonly name: string },
): void {
  const known = versions.get(name) ?? []
  versions.set(name, known)
  if (version.revision > (known.at(-1)?.revision ?? 0)) known.push(version)
}

function pathOf({ group, version, plural }: Resource): string {
  return group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`
}

function nameOf({ apiVersion, kind, metadata: { namespace = '', name = '' } }: KubeObject): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`
}

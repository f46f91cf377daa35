import { setMaxListeners } from 'node:events'
import { type ApiServer, createApiServer, inProcessTransport } from '@sluice/apiserver'
import { createCluster } from '@sluice/cluster'
import { systemClock } from '@sluice/host'
import { runNode } from '@sluice/node'
import { silentLogger } from '@sluice/ports'
import { type Case, Mismatch } from '../../suite.ts'
import { type Answer, type Client, connect } from './client.ts'
import { firstDifference } from './difference.ts'
import { printWithFractions } from './fractions.ts'
import { Gate } from './gate.ts'
import { normalize } from './normalize.ts'

/** One request of a scenario and what the real server answered. */
export type Step = {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly raw?: string
  }
  readonly waitSeconds?: number
  /** Names for values of this answer, by their dotted paths. */
  readonly capture?: Readonly<Record<string, string>>
  readonly watchEvents?: number
  readonly response: {
    readonly status: number
    readonly contentType?: string
    readonly json?: unknown
    readonly text?: string
    readonly events?: readonly unknown[]
  }
}

export type Scenario = { readonly name: string; readonly steps: readonly Step[] }

export function decodeScenario(value: unknown): Scenario {
  const { name, steps } = value as Partial<Scenario>
  if (typeof name !== 'string' || !Array.isArray(steps)) throw new TypeError('not a scenario')
  return { name, steps: steps as readonly Step[] }
}

type Run = {
  readonly client: Client
  readonly server: ApiServer
  /** Between the node and the server. */
  readonly gate: Gate
  /** Ends the node. */
  readonly stop: AbortController
  readonly variables: Map<string, string>
  done: number
}

/**
 * The steps of a scenario as cases. They share a server: a step that is run runs those before it first, so that a
 * filter on one still finds the state that it needs.
 */
export async function* scenarioCases({ name, steps }: Scenario): AsyncGenerator<Case> {
  let run: Run | undefined
  const results: (Error | undefined)[] = []
  const upTo = async (index: number): Promise<void> => {
    run ??= await begin()
    for (let step = steps[run.done]; step && run.done <= index; step = steps[run.done]) {
      // In order: that is what a scenario is.
      run.gate.watch(steps.slice(run.done).flatMap(looksAt))
      results[run.done] = await attempt(run, step)
      run.done += 1
    }
    const failure = results[index]
    if (failure) throw failure
  }
  try {
    for (const [index] of steps.entries()) {
      const caseName = `${name}/${String(index).padStart(2, '0')}`
      yield { name: caseName, features: [name], run: () => upTo(index) }
    }
  } finally {
    run?.client.close()
    run?.stop.abort()
    await run?.server.close()
  }
}

async function begin(): Promise<Run> {
  const token = 'conformance'
  const server = await createApiServer({ adminToken: token })
  const { port } = await server.listen()
  const stop = new AbortController()
  // A watch a kind of the node, and its writes that wait.
  setMaxListeners(0, stop.signal)
  const gate = new Gate(inProcessTransport(server))
  const cluster = createCluster(gate.transport)
  // The recordings were made beside a controller manager and a simulated node.
  const node = new Promise<void>((resolve, reject) => {
    runNode({ cluster, clock: systemClock, log: silentLogger, signal: stop.signal, ready: resolve }).catch(
      reject,
    )
  })
  await node
  gate.close()
  return {
    stop,
    server,
    gate,
    client: connect({ port, ca: server.ca, token }),
    variables: new Map(),
    done: 0,
  }
}

async function attempt(run: Run, step: Step): Promise<Error | undefined> {
  try {
    await perform(run, step)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

async function perform({ client, variables, gate }: Run, step: Step): Promise<void> {
  const fill = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => variables.get(name) ?? whole)
  const { request, response } = step
  const path = fill(request.path)
  const accept = request.headers?.['Accept'] ?? ''
  const body = request.raw ?? (request.body === undefined ? undefined : fill(bodyText(request)))
  const ask = (dryRun = false): Promise<Answer> =>
    client.send({
      method: request.method,
      path: dryRun ? withDryRun(path) : path,
      headers: request.headers ?? {},
      body,
      // Nothing in a recorded request says so, but this is the answer to one without credentials.
      anonymous: response.status === 401,
      ...(step.watchEvents === undefined ? {} : { events: step.watchEvents }),
    })
  if (step.waitSeconds !== undefined || step.watchEvents !== undefined) gate.open()
  else await reachRecorded(gate, step, () => ask(request.method !== 'GET'))
  let answer: Answer
  if (step.waitSeconds !== undefined && request.method === 'GET') {
    answer = await settled(ask, { step, seconds: step.waitSeconds })
  } else {
    if (step.waitSeconds !== undefined) await pause(step.waitSeconds * 1000)
    answer = await ask()
  }
  gate.close()
  await gate.releaseLost()
  capture(variables, step, answer)
  const problem = compare(response, answer)
  if (problem) {
    throw new Mismatch(`${request.method} ${path}${accept.includes('as=') ? ' (as)' : ''}: ${problem}`)
  }
}

/** Lets the controllers write until an answer would be the recorded one, or they have nothing more to write. */
async function reachRecorded(gate: Gate, step: Step, peek: () => Promise<Answer>): Promise<void> {
  const [target] = looksAt(step)
  if (target === undefined) return
  while (compare(step.response, await peek())) {
    // Write by write: the next one may be one too many.
    if (!(await gate.advance(target))) return
  }
}

/** The object, or the collection, that a step shows in the state of the moment. */
function looksAt({ request, response, waitSeconds, watchEvents }: Step): string[] {
  const isShown = response.status < 300 && waitSeconds === undefined && watchEvents === undefined
  if (!isShown || request.method === 'POST') return []
  const [path = '', query] = request.path.split('?')
  const selector = new URLSearchParams(query).get('fieldSelector') ?? ''
  const name = /^metadata\.name=([^,]+)$/.exec(selector)?.[1]
  const object = path.replace(/\/(?:status|scale)$/, '')
  return [name === undefined ? object : `${object}/${name}`]
}

function withDryRun(path: string): string {
  return path.includes('dryRun=') ? path : `${path}${path.includes('?') ? '&' : '?'}dryRun=All`
}

/**
 * The body as the recorder sent it: JSON, or YAML of version 1.2, which leaves words plain that Kubernetes, reading
 * version 1.1, takes for booleans.
 */
function bodyText({ body, headers }: Step['request']): string {
  const json = printWithFractions(body)
  const isYaml = headers?.['Content-Type']?.includes('yaml') === true
  return isYaml ? json.replaceAll(/(?<=[:[,{])"(y|n|yes|no|on|off)"/gi, ' $1') : json
}

/** Asks until the answer is the recorded one, for as long as the recording waited and a little more. */
async function settled(
  ask: () => Promise<Answer>,
  { step, seconds }: { readonly step: Step; readonly seconds: number },
): Promise<Answer> {
  const end = Date.now() + seconds * 1000 + 500
  while (true) {
    // Each question waits for the answer before.
    const answer = await ask()
    if (!compare(step.response, answer) || Date.now() > end) return answer
    await pause(100)
  }
}

function compare(want: Step['response'], got: Answer): string | undefined {
  if (got.status !== want.status) {
    return `want status ${want.status}, got ${got.status} ${got.text.slice(0, 200)}`
  }
  if (want.contentType !== undefined && got.contentType !== want.contentType) {
    return `want content type ${want.contentType}, got ${got.contentType}`
  }
  if (want.text !== undefined) {
    return got.text === want.text ? undefined : `want text ${want.text}, got ${got.text}`
  }
  if (want.events) return firstDifference(normalize(want.events), normalize(got.events), '')
  if (want.json === undefined) return undefined
  return firstDifference(normalize(want.json), normalize(got.json), '')
}

function capture(variables: Map<string, string>, step: Step, { json }: Answer): void {
  for (const [name, path] of Object.entries(step.capture ?? {})) {
    let value: unknown = json
    for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part]
    if (typeof value === 'string') variables.set(name, value)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

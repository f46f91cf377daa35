import { Agent, type RequestOptions, request } from 'node:https'

export type Answer = {
  readonly status: number
  readonly contentType: string
  readonly text: string
  /** The body as JSON, when it is that. */
  readonly json: unknown
  /** Lines of a watch, or the one body when it was refused. */
  readonly events: readonly unknown[]
}

export type Question = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** Sends no token. */
  readonly anonymous: boolean
  /** Reads this many lines of a watch, then hangs up. */
  readonly events?: number
}

export type Client = { readonly send: (question: Question) => Promise<Answer>; readonly close: () => void }

const watchMs = 3_000

/** Talks HTTPS to a server as its administrator. */
export function connect({
  port,
  ca,
  token,
}: {
  readonly port: number
  readonly ca: string
  readonly token: string
}): Client {
  const agent = new Agent({ keepAlive: true, ca })
  return {
    send: (question) => exchange(question, { agent, port, host: '127.0.0.1' }, token),
    close: () => agent.destroy(),
  }
}

function exchange(
  { method, path, headers, body, anonymous, events }: Question,
  options: RequestOptions,
  token: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...options,
        method,
        path,
        // The real server reads the user agent's first word; the recorder sent none.
        headers: {
          ...(anonymous ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (response) => {
        let text = ''
        let finished = false
        const finish = (): void => {
          if (finished) return
          finished = true
          clearTimeout(timer)
          resolve(answer(response.statusCode ?? 0, response.headers['content-type'] ?? '', { text, events }))
        }
        const timer = events === undefined ? undefined : setTimeout(() => sent.destroy(), watchMs)
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          if (events !== undefined && text.split('\n').length > events) sent.destroy()
        })
        response.on('close', finish)
        response.on('error', finish)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function answer(
  status: number,
  contentType: string,
  { text, events }: { readonly text: string; readonly events: number | undefined },
): Answer {
  const lines = events === undefined ? [] : text.split('\n').filter((it) => it !== '')
  return {
    status,
    contentType,
    text,
    json: events === undefined ? parsed(text) : undefined,
    events: lines.slice(0, events).map(parsed),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

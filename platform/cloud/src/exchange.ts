import { type HttpRequest, readBody } from '@sluice/ports'
import type { CloudCall } from './cloud-call.ts'
import { CloudError } from './cloud-error.ts'

const maxAnswerBytes = 1024 * 1024
const timeoutMs = 30_000
/** The machine itself answers at once, or there is nothing that would. */
const localTimeoutMs = 5_000

export type Question = {
  readonly method: HttpRequest['method']
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** A form, sent as such. */
  readonly form?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether this is the machine itself, which no proxy leads to. */
  readonly isLocal?: boolean
}

export type Answer = { readonly status: number; readonly text: string }

/** One exchange with a cloud. Redirects are not followed: requests carry credentials. */
export async function exchange(
  { method, url, headers = {}, form, body, isLocal = false }: Question,
  { http, signal, proxy, tls }: CloudCall,
): Promise<Answer> {
  const content = form ? new URLSearchParams(form).toString() : body
  const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  const response = await http.request(
    {
      method,
      url,
      headers: { ...type, ...headers },
      ...(content === undefined ? {} : { body: content }),
      ...(proxy && !isLocal ? { proxy } : {}),
      ...(tls ? { tls } : {}),
      maxBodyBytes: maxAnswerBytes,
      timeoutMs: isLocal ? localTimeoutMs : timeoutMs,
    },
    { signal },
  )
  return { status: response.status, text: new TextDecoder().decode(await readBody(response.body)) }
}

/** An exchange whose answer is a JSON object. @throws {CloudError} `what: …` with what the cloud says of the error */
export async function askJson(
  question: Question,
  call: CloudCall,
  what: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { status, text } = await exchange(question, call)
  const answer = parseObject(text)
  if (status === 200 && answer) return answer
  throw new CloudError(`${what}: ${reasonIn(answer ?? {}) ?? `unexpected status code ${status}`}`)
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A field that must be a text. @throws {CloudError} */
export function textField(answer: Readonly<Record<string, unknown>>, name: string, what: string): string {
  const value = answer[name]
  if (typeof value === 'string' && value !== '') return value
  throw new CloudError(`${what}: the answer has no '${name}'`)
}

/** Clouds say why in one of these fields. */
function reasonIn(answer: Readonly<Record<string, unknown>>): string | undefined {
  const { error_description: description, error, message, Message, __type } = answer
  const nested =
    typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error
  const texts = [description, message, Message, nested, __type]
  const found = texts.find((it): it is string => typeof it === 'string' && it !== '')
  return found?.split(/\r?\n/)[0]
}

/**
 * Client wire: signed requests and a signed socket, as a member's own program sends them.
 *
 * @module
 */

import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { ClientOptions, SocketSession } from '../../src/venue/contract.js'
import { SOCKET_PATH } from './feed.js'
import { BASE_PATH } from './routes.js'

/** Close code of a service that restarted and is back (RFC 6455 registry). */
export const SERVICE_RESTART = 1012

/** What the venue answered. */
export interface WireReply {
  readonly status: number
  /** Parsed JSON, or the text when it was none. */
  readonly body: unknown
}

/** The venue did not answer, or answered that it cannot say: what was asked may or may not have happened. */
export class NoAnswer extends Error {
  readonly status: number | null

  constructor(what: string, status: number | null) {
    super(
      status === null
        ? `kalshi did not answer ${what}`
        : `kalshi answered ${what} with status ${status}`,
    )
    this.name = 'NoAnswer'
    this.status = status
  }
}

export class ClientWire {
  readonly #options: ClientOptions
  readonly #base: URL
  readonly #key: { readonly key_id: string; readonly key: KeyObject } | null

  /** @throws Error when credentials are given without a readable `private_key_pem`. */
  constructor(options: ClientOptions) {
    this.#options = options
    this.#base = new URL(options.base_url)
    const { key_id, private_key_pem } = options.credentials ?? {}
    this.#key =
      key_id === undefined || private_key_pem === undefined
        ? null
        : { key_id, key: privateKey(private_key_pem) }
  }

  /** Whether requests can be signed. */
  get keyed(): boolean {
    return this.#key !== null
  }

  /**
   * One REST request. `path` is below `/trade-api/v2`, query included.
   *
   * @throws NoAnswer when nothing came back or the venue answered with a 5xx.
   */
  async ask(method: string, path: string, body?: object): Promise<WireReply> {
    const url = new URL(this.#path(`${BASE_PATH}${path}`), this.#base)
    const request = new Request(url, {
      method,
      headers: {
        ...this.#headers(method, url.pathname),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    let response: Response
    try {
      response = await this.#options.fetch(request)
    } catch (error) {
      throw Object.assign(new NoAnswer(`${method} ${path}`, null), { cause: error })
    }
    const text = await response.text()
    if (response.status >= 500) throw new NoAnswer(`${method} ${path}`, response.status)
    return { status: response.status, body: parsed(text) }
  }

  /** As {@link ask}, for reads: anything but 200 is an error. */
  async read(path: string): Promise<Record<string, unknown>> {
    const { status, body } = await this.ask('GET', path)
    if (status !== 200 || typeof body !== 'object' || body === null) {
      throw new Error(`kalshi answered GET ${path} with ${status}: ${JSON.stringify(body)}`)
    }
    return body as Record<string, unknown>
  }

  /** All pages of a list. */
  async list(path: string, name: string): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = []
    let cursor = ''
    do {
      const joint = path.includes('?') ? '&' : '?'
      const more = cursor === '' ? '' : `${joint}cursor=${encodeURIComponent(cursor)}`
      const page = await this.read(`${path}${more}`)
      rows.push(...((page[name] ?? []) as Record<string, unknown>[]))
      cursor = typeof page.cursor === 'string' ? page.cursor : ''
    } while (cursor !== '')
    return rows
  }

  /** A signed socket. `closed` is told the close code: {@link SERVICE_RESTART} needs no wait. */
  connect(on: {
    readonly message: (text: string) => void
    readonly closed: (code: number) => void
  }): Promise<SocketSession> {
    const path = this.#path(SOCKET_PATH)
    return this.#options.connect(
      { path, query: '', headers: this.#headers('GET', path) },
      { send: on.message, ping: () => undefined, close: on.closed },
    )
  }

  #path(path: string): string {
    return `${this.#base.pathname.replace(/\/+$/, '').replace(/\/trade-api.*$/, '')}${path}`
  }

  #headers(method: string, path: string): Record<string, string> {
    if (this.#key === null) return {}
    const { key_id, key } = this.#key
    const timestamp = `${this.#options.clock.now_ms()}`
    const data = Buffer.from(`${timestamp}${method}${path}`)
    const signature =
      key.asymmetricKeyType === 'ed25519'
        ? sign(null, data, key)
        : sign('sha256', data, {
            key,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          })
    return {
      'kalshi-access-key': key_id,
      'kalshi-access-timestamp': timestamp,
      'kalshi-access-signature': signature.toString('base64'),
    }
  }
}

function parsed(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return text
  }
}

/** A text field of a wire object. */
export function textOf(row: Record<string, unknown>, name: string): string {
  const value = row[name]
  if (typeof value === 'string') return value
  throw new Error(`kalshi sent no ${name}: ${JSON.stringify(row).slice(0, 300)}`)
}

/** Parsing a PEM costs more than a signature, and a process signs in with the same keys again and again. */
const keys = new Map<string, KeyObject>()
const KEYS_MAX = 256

function privateKey(pem: string): KeyObject {
  const known = keys.get(pem)
  if (known !== undefined) return known
  const key = createPrivateKey(pem)
  if (keys.size >= KEYS_MAX) keys.clear()
  keys.set(pem, key)
  return key
}

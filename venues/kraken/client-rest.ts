/**
 * The near end of Kraken's REST wire: signs, sends and reads the envelope.
 *
 * Private calls go one at a time: a nonce must be larger than the last one the venue saw, so two on the
 * way at once could overtake each other.
 *
 * @module
 */

import type { ClientOptions, Credentials } from '../../src/venue/contract.js'
import { type Json, parseJson } from '../../src/wire/json.js'
import { sign } from './auth.js'
import { isParams, type Params } from './commands.js'
import { texts } from './rejects.js'

/** The venue answered, and said no. */
export class KrakenRefusal extends Error {
  readonly text: string

  constructor(text: string) {
    super(`kraken refused: ${text}`)
    this.name = 'KrakenRefusal'
    this.text = text
  }
}

/** The venue's answer is no answer: gone, cut off or not Kraken's envelope. */
export class KrakenUnreadable extends Error {
  constructor(method: string, status: number, body: string) {
    super(`kraken answered ${method} with status ${status} and ${body.slice(0, 200)}`)
    this.name = 'KrakenUnreadable'
  }
}

export class KrakenRest {
  readonly #options: ClientOptions
  #lastNonce = 0n
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /**
   * Calls a private method.
   *
   * @throws KrakenRefusal with Kraken's words; KrakenUnreadable, or whatever `fetch` throws, when nobody
   * knows what the venue did.
   */
  async call(method: string, fields: Readonly<Record<string, string>>): Promise<Params> {
    const credentials = this.#options.credentials
    if (credentials === undefined) {
      throw new Error(`${method} needs credentials; this client was made for market data only.`)
    }
    const mine = this.#turn.then(() => this.#signed(method, fields, credentials))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #signed(
    method: string,
    fields: Readonly<Record<string, string>>,
    credentials: Credentials,
  ): Promise<Params> {
    try {
      return await this.#send(method, fields, credentials)
    } catch (error) {
      // A used nonce means nothing was done: another program shares the key. Once more, further on.
      if (!(error instanceof KrakenRefusal) || error.text !== texts['KR-03']) throw error
      this.#lastNonce += 1_000_000n
      return this.#send(method, fields, credentials)
    }
  }

  async #send(
    method: string,
    fields: Readonly<Record<string, string>>,
    { api_key = '', api_secret = '' }: Credentials,
  ): Promise<Params> {
    const path = `/0/private/${method}`
    const nonce = this.#nonce()
    const body = new URLSearchParams({ nonce, ...fields }).toString()
    const request = new Request(`${this.#options.base_url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'API-Key': api_key,
        'API-Sign': sign(path, nonce, body, api_secret),
      },
      body,
    })
    const response = await this.#options.fetch(request)
    return readEnvelope(method, response.status, await response.text())
  }

  /** Microseconds, always larger than the one before. */
  #nonce(): string {
    const now = this.#options.clock.now_ns() / 1_000n
    this.#lastNonce = now > this.#lastNonce ? now : this.#lastNonce + 1n
    return this.#lastNonce.toString()
  }
}

/** `result` of an envelope. */
function readEnvelope(method: string, status: number, body: string): Params {
  let json: Json
  try {
    json = parseJson(body)
  } catch {
    throw new KrakenUnreadable(method, status, body)
  }
  if (!isParams(json) || !Array.isArray(json.error)) {
    throw new KrakenUnreadable(method, status, body)
  }
  // Warnings begin with W and come with a result.
  const refused = json.error.find((text) => typeof text === 'string' && !text.startsWith('W'))
  if (typeof refused === 'string') throw new KrakenRefusal(refused)
  if (!isParams(json.result)) throw new KrakenUnreadable(method, status, body)
  return json.result
}

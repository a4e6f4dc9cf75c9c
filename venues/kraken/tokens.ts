/**
 * WebSocket tokens: made by `GetWebSocketsToken`, to be used within 15 minutes, then good as long as the
 * connection that used them.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/get-websockets-token
 *
 * @module
 */

import { createHash } from 'node:crypto'
import type { AccountInfo } from '../../src/venue/reducer.js'
import type { KrakenHost } from './rules.js'

/** Seconds within which a token must be used. */
export const TOKEN_S = 900

interface Token {
  readonly account: AccountInfo
  readonly made_us: number
}

/** Tokens are not state: after a restart every connection is new and asks for a new one. */
export class Tokens {
  readonly #host: KrakenHost
  readonly #tokens = new Map<string, Token>()

  constructor(host: KrakenHost) {
    this.#host = host
  }

  make(account: AccountInfo): { readonly token: string; readonly expires: number } {
    this.#forgetOld()
    const bytes = this.#host.world.random(`${this.#host.id}/tokens`).bytes(32)
    const token = createHash('sha256').update(bytes).digest('base64')
    this.#tokens.set(token, { account, made_us: this.#host.now_us() })
    return { token, expires: TOKEN_S }
  }

  /** The account of a token that may still be used for the first time. */
  use(token: string): AccountInfo | undefined {
    const known = this.#tokens.get(token)
    if (known === undefined) return undefined
    return this.#isFresh(known) ? known.account : undefined
  }

  #isFresh({ made_us }: Token): boolean {
    return this.#host.now_us() - made_us <= TOKEN_S * 1_000_000
  }

  #forgetOld(): void {
    for (const [text, token] of this.#tokens) {
      if (this.#isFresh(token)) return
      this.#tokens.delete(text)
    }
  }
}

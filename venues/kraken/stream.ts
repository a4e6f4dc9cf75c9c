/**
 * Stream: one WebSocket of the near end that comes back by itself when it breaks.
 *
 * @module
 */

import type { ClientOptions, SocketSession } from '../../src/venue/contract.js'

/** First wait before trying again; doubles up to the longest. */
const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 5_000
/** Close code of a service that restarted and is back (RFC 6455 registry): no need to wait. */
const SERVICE_RESTART = 1012

export interface StreamOptions {
  readonly client: Pick<ClientOptions, 'connect' | 'clock'>
  readonly path: string
  /** The socket is open: subscribe. Called again after every reconnect. */
  readonly opened: (stream: Stream) => Promise<void> | void
  readonly message: (text: string) => void
  /** The socket broke; it is being opened again unless the stream was closed. */
  readonly lost: (reason: string) => void
}

export class Stream {
  readonly #options: StreamOptions
  #session: SocketSession | null = null
  #closed = false
  #retry_ms = RETRY_MS_MIN
  #stopRetry: (() => void) | null = null

  constructor(options: StreamOptions) {
    this.#options = options
  }

  /** Opens the socket. @throws whatever `connect` or `opened` throws, the first time. */
  async open(): Promise<void> {
    const { client, path, opened, message } = this.#options
    // A socket that breaks while it opens must not be taken for the one that follows.
    const mine: { session: SocketSession | null; broken: boolean } = {
      session: null,
      broken: false,
    }
    const session = await client.connect(
      { path, query: '', headers: {} },
      {
        send: (text) => {
          if (!mine.broken && !this.#closed) message(text)
        },
        ping: () => undefined,
        close: (code, reason) => {
          if (mine.broken) return
          mine.broken = true
          if (this.#session === mine.session) this.#session = null
          this.#broke(code, `${code} ${reason}`.trim())
        },
      },
    )
    mine.session = session
    if (this.#closed) {
      session.closed()
      return
    }
    if (mine.broken) return
    this.#session = session
    await opened(this)
    this.#retry_ms = RETRY_MS_MIN
  }

  /** Sends when open; what cannot be sent is asked for again by `opened`. */
  send(text: string): void {
    this.#session?.message(text)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stopRetry?.()
    this.#session?.closed()
    this.#session = null
  }

  #broke(code: number, reason: string): void {
    if (this.#closed) return
    this.#options.lost(reason)
    if (code !== SERVICE_RESTART) this.#again()
    else
      Promise.resolve()
        .then(() => this.open())
        .catch(() => this.#again())
  }

  #again(): void {
    if (this.#closed || this.#stopRetry !== null) return
    const wait_ms = this.#retry_ms
    this.#retry_ms = Math.min(RETRY_MS_MAX, wait_ms * 2)
    this.#stopRetry = this.#options.client.clock.after(wait_ms, () => {
      this.#stopRetry = null
      // The venue may still be away: keep trying, a little less often each time.
      this.open().catch(() => this.#again())
    })
  }
}

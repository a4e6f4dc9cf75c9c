/**
 * Sockets: sessions of a venue's WebSocket feed and who of them listens to what.
 *
 * A session writes through an outbox: nothing leaves before the journal holds what it tells, a dead
 * socket is never written to, and a peer that does not read is cut off instead of filling the memory.
 * When a session ends, however it ends, all its subscriptions go with it.
 *
 * @module
 */

import type { SocketPeer, SocketSession } from './contract.js'

/** The part of a host that an outbox asks. */
export interface Durability {
  readonly isDurable: boolean
  durable(): Promise<void>
}

export interface SocketsOptions {
  readonly durability: Durability
  /** A peer with more unread bytes than this is closed. */
  readonly unread_bytes_max?: number
}

/** Sixteen megabytes: some 100,000 book updates behind. */
const UNREAD_BYTES_MAX = 16 * 1024 * 1024

/** One connected client. */
export class Session {
  /** From 1, in order of connecting. */
  readonly session_id: number
  readonly #peer: SocketPeer
  readonly #options: SocketsOptions
  #waiting: string[] | null = null
  #waitingBytes = 0
  #open = true

  constructor(session_id: number, peer: SocketPeer, options: SocketsOptions) {
    this.session_id = session_id
    this.#peer = peer
    this.#options = options
  }

  get open(): boolean {
    return this.#open
  }

  /** Sends a text once everything applied so far is durable; texts keep their order. */
  send(text: string): void {
    if (!this.#open) return
    const { durability, unread_bytes_max = UNREAD_BYTES_MAX } = this.#options
    const unread = (this.#peer.buffered?.() ?? 0) + this.#waitingBytes
    if (unread > unread_bytes_max) {
      this.close(1008, 'too slow: unread messages were dropped')
      return
    }
    if (this.#waiting === null && durability.isDurable) {
      this.#peer.send(text)
      return
    }
    this.#waitingBytes += text.length
    if (this.#waiting !== null) {
      this.#waiting.push(text)
      return
    }
    this.#waiting = [text]
    void this.#flush()
  }

  /** A WebSocket ping frame. */
  ping(payload: string): void {
    if (this.#open) this.#peer.ping(payload)
  }

  close(code: number, reason: string): void {
    if (!this.#open) return
    this.end()
    this.#peer.close(code, reason)
  }

  /** The peer is gone: nothing is sent any more. */
  end(): void {
    this.#open = false
    this.#waiting = null
    this.#waitingBytes = 0
  }

  async #flush(): Promise<void> {
    const { durability } = this.#options
    try {
      while (!durability.isDurable) await durability.durable()
    } catch {
      // The journal failed: what waits was never safe, so it is not told.
      this.close(1011, 'internal error')
      return
    }
    const texts = this.#waiting ?? []
    this.#waiting = null
    this.#waitingBytes = 0
    for (const text of texts) if (this.#open) this.#peer.send(text)
  }
}

/** A session's interest in one topic, with whatever the venue keeps about it. */
export interface Subscription<D> {
  readonly topic: string
  readonly session: Session
  readonly data: D
}

/** All sessions of a venue and their subscriptions. `D`: what the venue keeps per subscription. */
export class Sockets<D> {
  readonly #options: SocketsOptions
  readonly #sessions = new Map<Session, Map<string, Subscription<D>>>()
  readonly #topics = new Map<string, Set<Subscription<D>>>()
  #made = 0

  constructor(options: SocketsOptions) {
    this.#options = options
  }

  /**
   * Opens a session.
   *
   * @param start - Greets the client and answers what to do with its messages and its end.
   */
  open(
    peer: SocketPeer,
    start: (session: Session) => { message(text: string): void; closed?(): void },
  ): SocketSession {
    this.#made += 1
    const session = new Session(this.#made, peer, this.#options)
    this.#sessions.set(session, new Map())
    const handlers = start(session)
    let ended = false
    return {
      message: (text) => {
        if (session.open) handlers.message(text)
        if (!session.open) this.leave(session)
      },
      closed: () => {
        if (ended) return
        ended = true
        session.end()
        this.leave(session)
        handlers.closed?.()
      },
    }
  }

  /** Subscribes; a repeat on the same topic replaces what is kept about it. */
  subscribe(session: Session, topic: string, data: D): Subscription<D> {
    const mine = this.#sessions.get(session)
    const subscription: Subscription<D> = { topic, session, data }
    if (mine === undefined || !session.open) return subscription
    this.unsubscribe(session, topic)
    mine.set(topic, subscription)
    const all = this.#topics.get(topic)
    if (all === undefined) this.#topics.set(topic, new Set([subscription]))
    else all.add(subscription)
    return subscription
  }

  /** The subscription of a session to a topic. */
  find(session: Session, topic: string): Subscription<D> | undefined {
    return this.#sessions.get(session)?.get(topic)
  }

  /** @returns Whether there was one. */
  unsubscribe(session: Session, topic: string): boolean {
    const mine = this.#sessions.get(session)
    const subscription = mine?.get(topic)
    if (mine === undefined || subscription === undefined) return false
    mine.delete(topic)
    this.#forget(subscription)
    return true
  }

  /** Subscriptions of a topic; sessions found closed on the way are dropped. */
  *of(topic: string): Iterable<Subscription<D>> {
    for (const subscription of this.#topics.get(topic) ?? []) {
      if (subscription.session.open) yield subscription
      else this.leave(subscription.session)
    }
  }

  has(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** Subscriptions of one session, oldest first. */
  mine(session: Session): Subscription<D>[] {
    return [...(this.#sessions.get(session)?.values() ?? [])]
  }

  sessions(): Session[] {
    return [...this.#sessions.keys()].filter((session) => session.open)
  }

  /** Ends every subscription of a session. */
  leave(session: Session): void {
    for (const subscription of this.#sessions.get(session)?.values() ?? []) {
      this.#forget(subscription)
    }
    this.#sessions.delete(session)
  }

  /** Cuts everybody off, e.g. when the venue closes or was put back to a snapshot. */
  closeAll(code: number, reason: string): void {
    for (const session of this.#sessions.keys()) {
      session.close(code, reason)
      this.leave(session)
    }
  }

  /** How much is held: for tests that look for leaks. */
  get held(): {
    readonly sessions: number
    readonly subscriptions: number
    readonly topics: number
  } {
    let subscriptions = 0
    for (const all of this.#topics.values()) subscriptions += all.size
    return { sessions: this.#sessions.size, subscriptions, topics: this.#topics.size }
  }

  #forget(subscription: Subscription<D>): void {
    const all = this.#topics.get(subscription.topic)
    all?.delete(subscription)
    if (all?.size === 0) this.#topics.delete(subscription.topic)
  }
}

/**
 * Kind: the shape of one fault, and what it may touch on its way.
 *
 * Types only, with the one error that stands for a broken connection. A kind is stateless; what it
 * remembers lies in its `state`, so that a snapshot can take it.
 *
 * @module
 */

import type { z } from 'zod'
import type { Depth, PublicTrade } from '../engine/depth.js'
import type { Side } from '../engine/instrument.js'
import type { SocketRefusal, WireAction, WireChannel, WireTraits } from '../venue/contract.js'
import type { Clock, RandomStream } from '../world/world.js'

/** What a client sent, by REST or as a socket command. */
export interface Call {
  readonly via: 'rest' | 'socket'
  readonly action: WireAction
  readonly caller: string | null
  /** Of a REST request, under the real host; empty for a socket command. */
  readonly path: string
}

/** A socket message of the venue on its way to a client. */
export interface Outbound {
  readonly channel: WireChannel
  readonly caller: string | null
  readonly text: string
  /** Which connection it travels on: the same object for the same one. */
  readonly socket: object
}

/** A message of a market feed on its way to the hub. */
export type FeedMessage =
  | { type: 'snapshot'; venue_symbol: string; depth: Depth; ts_ns: bigint }
  | {
      type: 'level'
      venue_symbol: string
      side: Side
      price_1e9: bigint
      qty_1e8: bigint
      ts_ns: bigint
    }
  | { type: 'published'; venue_symbol: string; ts_ns: bigint }
  | { type: 'trade'; venue_symbol: string; trade: PublicTrade }
  | { type: 'lost'; venue_symbol: string; reason: string }

/** What a fault works with. */
export interface Tools {
  readonly clock: Clock
  /** A stream of this fault alone. */
  readonly random: RandomStream
  readonly wire: WireTraits
  /** Resolves after `ms` of the world's time. */
  wait(ms: number): Promise<void>
}

/** An open socket, as a fault sees it. */
export interface OpenSocket {
  readonly caller: string | null
  close(code: number, reason: string): void
}

export interface Running<Options, State> {
  readonly options: Options
  /** As it is now: a revert puts another in its place, so what waits on a timer reads it anew. */
  readonly state: State
  readonly tools: Tools
}

/**
 * One fault. Each hook gets `pass` or `next`: what would happen without it.
 *
 * `counts` names what `match.nth` counts for hooks that see many things: messages of these channels
 * only, unless the plan says otherwise.
 */
export interface FaultKind<
  Type extends string,
  Schema extends z.ZodObject,
  State,
  Options = z.output<Schema>,
> {
  readonly type: Type
  /** One sentence for people. */
  readonly about: string
  readonly options: Schema
  state(): State
  /** Channels whose messages the fault touches; absent: all. */
  readonly channels?: readonly WireChannel[]
  /** Actions the fault touches; absent: all. */
  readonly actions?: readonly WireAction[]
  rest?(
    fault: Running<Options, State>,
    call: Call,
    next: () => Promise<Response>,
  ): Promise<Response>
  handshake?(fault: Running<Options, State>): SocketRefusal | undefined
  inbound?(fault: Running<Options, State>, call: Call, turn: Turn): void
  outbound?(fault: Running<Options, State>, message: Outbound, pass: (text: string) => void): void
  feed?(
    fault: Running<Options, State>,
    message: FeedMessage,
    pass: (message: FeedMessage) => void,
  ): void
  begins?(fault: Running<Options, State>, sockets: readonly OpenSocket[]): void
  ends?(fault: Running<Options, State>): void
  /** Added to the venue's clock while the fault lasts. */
  skew_ms?(options: Options): number
  /** Whether a matched trade's settlement fails. */
  readonly settlementFails?: true
}

/** A socket command at the venue's door. Doing nothing with it loses it. */
export interface Turn {
  readonly text: string
  pass(): void
  /** The venue acts on it; its next reply is lost. */
  passWithoutReply(): void
  /** Sends the client this text in the venue's place. */
  reply(text: string): void
}

/**
 * The connection broke: what `fetch` throws when no answer comes. A server that serves a faulty venue
 * destroys the socket instead of answering.
 */
export class ConnectionLost extends TypeError {
  constructor(code: 'ECONNRESET' | 'ECONNREFUSED' | 'ETIMEDOUT') {
    const cause = Object.assign(new Error(`the connection broke (${code})`), { code })
    super('fetch failed', { cause })
    this.name = 'ConnectionLost'
  }
}

/** Declares a kind; keeps its types. */
export const defineFault = <
  Type extends string,
  Schema extends z.ZodObject,
  State = Record<string, never>,
>(
  kind: Omit<FaultKind<Type, Schema, State>, 'state'> & { state?(): State },
): FaultKind<Type, Schema, State> => ({ state: () => ({}) as State, ...kind })

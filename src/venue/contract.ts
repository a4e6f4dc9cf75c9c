/**
 * Contract: what a venue is. A venue is a folder under `venues/`; this is the shape it exports.
 *
 * Types only. A venue without a wire yet is data alone (`mock` and `client` absent): its balances are
 * seeded and its instruments listed, its paths answer 404 and a live order to it is refused.
 *
 * @module
 */

import type { MarketState } from '../engine/command.js'
import type { Depth, PublicTrade } from '../engine/depth.js'
import type { Instrument, Side } from '../engine/instrument.js'
import type { ChildOrder, EdgeEvent, Liquidity, TimeInForce } from '../engine/order.js'
import type { Clock, World } from '../world/world.js'

export interface QuoteAsset {
  readonly asset: string
  readonly kind: 'fiat' | 'crypto'
}

/** Declared facts both the venue's own side and the sandbox read. Data, never behaviour. */
export interface Capabilities {
  readonly kinds: readonly Instrument['kind'][]
  readonly time_in_force: readonly TimeInForce[]
  /** How a venue takes market orders: natively, or as an IOC limit at the most aggressive price. */
  readonly market_order: 'native' | 'aggressive-limit'
  readonly market_buy_by_quote: boolean
  readonly post_only: 'refuse' | 'accept-then-cancel' | 'none'
  readonly reduce_only: 'native' | 'ioc-only' | 'none'
  readonly amend: 'native' | 'cancel-replace' | 'none'
  /** An amendment that would meet an own order: treated like any order that does (default), or refused. */
  readonly amend_into_own?: 'refuse'
  /** Selling more event contracts than held opens the other leg, or is refused. */
  readonly event_short: 'opens-opposite' | 'refuse'
  /** YES and NO of one market cancel out, or stay two tokens. */
  readonly event_netting: 'net' | 'separate'
  /** What an order must be able to pay beyond price times size at entry. */
  readonly fee_hold: 'taker-at-limit' | 'none'
  /** What happens when an order would meet an own order. */
  readonly self_trade: 'cancel-taker' | 'cancel-maker' | 'cancel-both' | 'decrement' | 'allow'
  /** A fill-or-kill order whose own resting order stands in the way: nothing trades (default), or it ends as an IOC. */
  readonly fok_self_trade?: 'unfilled' | 'as-ioc'
  /** What a refusal in a paused market is normalized to. Default `venue-paused`. */
  readonly paused_as?: 'venue-paused' | 'market-mode' | 'market-closed'
  /** Changes of a market that end every order resting in it. Default: none. */
  readonly cancels_resting?: readonly ('closed' | 'reopened')[]
  /** Whether contradicting or unknown options are refused before price and size are looked at (default) or after. */
  readonly shape_check?: 'first' | 'after-size'
  /** Round trip assumed by the router, in milliseconds. */
  readonly latency_ms: number
  /** `deferred`: a trade is matched first and settles later, and that may fail. Absent: at once. */
  readonly settlement?: 'instant' | 'deferred'
}

/** Fee schedule as data plus one pure function per fill; read by both sides, proved by the sheet's vectors. */
export interface Fees {
  /** Basis points for display and for routing; event venues: worst case of the formula at that price. */
  readonly bps: (input: {
    readonly instrument: Instrument
    readonly liquidity: Liquidity
    readonly price_1e9: bigint
  }) => number
  /**
   * Fee of one fill in the quote asset.
   *
   * @param carry_1e8 - The order's accumulator from earlier fills, 0n at first.
   * @returns `fee_1e8` (negative: rebate) and the new accumulator.
   */
  readonly fill: (input: {
    readonly instrument: Instrument
    readonly liquidity: Liquidity
    readonly side: Side
    readonly price_1e9: bigint
    readonly qty_1e8: bigint
    readonly carry_1e8: bigint
  }) => { readonly fee_1e8: bigint; readonly carry_1e8: bigint }
  /** What a venue holds for the fee of an order at its limit; absent: the taker fee of one fill there. */
  readonly hold?: (input: {
    readonly instrument: Instrument
    readonly price_1e9: bigint
    readonly qty_1e8: bigint
  }) => bigint
}

export interface Venue {
  readonly id: string
  readonly title: string
  /** Other names under which the API knows it, e.g. one per chain. */
  readonly aliases?: readonly string[]
  readonly capabilities: Capabilities
  /** Seeded by `POST /v1/sandbox/reset`. */
  readonly quote_assets: readonly QuoteAsset[]
  readonly instruments: readonly Instrument[]
  readonly fees: Fees
  /** The mock server's side, made once per server. Absent: no wire yet. */
  readonly mock?: (options: MockOptions) => MockVenue
  /** The other end of the wire: live adapter and market-data feed. Absent: no wire yet. */
  readonly client?: (options: ClientOptions) => VenueClient
}

export interface MockOptions {
  readonly world: World
  /** Which instruments to list; default: the venue's own. */
  readonly instruments?: readonly Instrument[]
  /** Venue-specific switches named in the venue's README. */
  readonly switches?: Readonly<Record<string, string | number | boolean>>
  /** Venues of deferred settlement ask this once per trade; false: the settlement fails and the match is undone. */
  readonly settles?: (trade: {
    readonly venue_symbol: string
    readonly trade_id: number
  }) => boolean
  /** Where commands and snapshots are kept; absent: memory only. */
  readonly journal?: VenueJournal
}

/** Append-only command log with snapshots; `append` answers when the bytes are safe. */
export interface VenueJournal {
  append(lines: readonly string[]): Promise<void>
  snapshot(bytes: Uint8Array): Promise<void>
  /** Latest snapshot and the lines after it. */
  load(): Promise<{ snapshot: Uint8Array | null; lines: readonly string[] }>
}

export type Credentials = Readonly<Record<string, string>>

/** A running mock venue: the far end of the wire. */
export interface MockVenue {
  readonly id: string
  /** Serves the venue's REST under the real host's paths (no `/venues/<name>` prefix). */
  fetch(request: Request): Promise<Response>
  /** Opens a WebSocket session; a refused handshake answers its HTTP status and body. */
  connect(request: SocketRequest, peer: SocketPeer): SocketSession | SocketRefusal
  /** WebSocket paths under the real host. */
  readonly socketPaths: readonly string[]
  readonly admin: VenueAdmin
  /** How faults and scenarios tell this venue's requests and messages apart. */
  readonly wire: WireTraits
  /** State back from the journal; call once, before serving. */
  recover(): Promise<void>
  close(): Promise<void>
}

export interface SocketRequest {
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
}

/** Where the venue writes: the client's end of the socket. */
export interface SocketPeer {
  send(text: string): void
  /** Bytes sent and not yet taken by the network; a peer too far behind is closed. Absent: never behind. */
  readonly buffered?: () => number
  ping(payload: string): void
  close(code: number, reason: string): void
}

export interface SocketSession {
  message(text: string): void
  closed(): void
}

export interface SocketRefusal {
  readonly status: number
  readonly body: string
}

/** What a client asks of a venue. */
export type WireAction =
  | 'create-order'
  | 'amend-order'
  | 'cancel-order'
  | 'read-private'
  | 'read-public'
  | 'subscribe'
  | 'other'

/** What a socket message of the venue is about. `private`: own orders, fills, balances. `reply`: answers a command. */
export type WireChannel = 'book' | 'trades' | 'private' | 'reply' | 'other'

export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The venue's wire as an onlooker reads it: pure look-ups, no effect on the venue. */
export interface WireTraits {
  /** `caller` is the key id of the credentials, null when the request is public or its key unknown. */
  request(request: {
    readonly method: string
    readonly path: string
    readonly query: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }): { readonly action: WireAction; readonly caller: string | null }
  /** A client's socket message. */
  command(text: string): { readonly action: WireAction; readonly caller: string | null }
  /** A venue's socket message. */
  channel(text: string): WireChannel
  /** The venue's own answer to a caller over its rate limit. */
  throttled(): WireAnswer
  /** The venue's own answer when it is overloaded or under maintenance. */
  unavailable(why: 'overload' | 'maintenance'): WireAnswer
  /** The venue's own socket answer to a command it refuses so. Absent: its sockets take no orders. */
  refuse?(command: string, why: 'throttled' | 'overload' | 'maintenance'): string
  /**
   * A book message made wrong: its checksum no longer its book's, or its best bid above its best ask.
   *
   * @returns undefined when this message cannot carry that fault (no checksum on this feed, no levels).
   */
  spoil(text: string, how: 'checksum' | 'crossed'): string | undefined
}

/** A venue at one moment, in memory. What happens later does not touch it. */
export interface VenueImage {
  /** The same as bytes, made anew each time. */
  bytes(): Uint8Array
}

/** The harness's hand on a mock venue, the same for all venues. Amounts in sandbox units. */
export interface VenueAdmin {
  /**
   * Opens an account; the answer carries the credentials of the venue's own kind. Without `credentials` a
   * label that is known already answers its account; credentials that are known answer theirs.
   *
   * @param options.secret - 32 bytes that the credentials are made of. Absent: bytes that follow from venue
   *   and label, the same on every machine and so no secret at all; fit for a process of one's own.
   * @param options.cheap - Only the client of the same process will sign with them: any kind of key will do.
   */
  openAccount(options: {
    label: string
    credentials?: Credentials
    secret?: Uint8Array
    cheap?: boolean
  }): {
    account_id: number
    credentials: Credentials
  }
  /** Sets a balance to exactly this much (free plus reserved). */
  setBalance(account_id: number, asset: string, total_1e8: bigint): void
  setPosition(
    account_id: number,
    venue_symbol: string,
    position: { qty_1e8: bigint; entry_price_1e9: bigint },
  ): void
  /**
   * Signed quantity per instrument and cash per asset. Where YES and NO are two tokens, NO has a row of its own,
   * below zero.
   */
  account(account_id: number): {
    balances: readonly { asset: string; total_1e8: bigint; reserved_1e8: bigint }[]
    positions: readonly { venue_symbol: string; qty_1e8: bigint; cost_1e8: bigint }[]
    open_orders: readonly {
      venue_symbol: string
      side: Side
      price_1e9: bigint
      remaining_1e8: bigint
    }[]
  }
  list(instrument: Instrument): void
  /** What is listed now, beyond the defaults too. */
  instruments(): readonly Instrument[]
  /** Replaces the resting liquidity of the house account with these levels. */
  setDepth(venue_symbol: string, depth: Depth): void
  depth(venue_symbol: string): Depth
  /**
   * Prints a trade: a taker of the house trades this much at this price, meeting what rests there in
   * time order; the house fills up behind what is missing, so that all of it prints.
   */
  print(
    venue_symbol: string,
    trade: {
      readonly price_1e9: bigint
      readonly qty_1e8: bigint
      readonly taker_side: Side
    },
  ): void
  /** A new price grid for a market that trades; resting orders stay. */
  setPriceBands(venue_symbol: string, bands: Instrument['price_bands']): void
  setMarketState(
    venue_symbol: string,
    state: 'open' | 'paused' | 'halted' | 'cancel-only' | 'post-only' | 'limit-only' | 'closed',
  ): void
  /** Event markets. `yes_value_1e9`: value of YES, 0 to 1e9. */
  determine(venue_symbol: string, yes_value_1e9: bigint): void
  settle(venue_symbol: string): void
  /** The whole venue in memory, at next to no cost: what a branch or a revert needs. */
  image(): VenueImage
  /** The whole venue as bytes: equal bytes, equal behaviour. */
  snapshot(): Uint8Array
  /** Back to an image or to bytes, any number of times. @throws TypeError on the image of another venue. */
  restore(from: VenueImage | Uint8Array): void
  /** Throws naming the broken invariant, if one is broken. */
  check(): void
}

export interface ClientOptions {
  readonly base_url: string
  readonly fetch: (request: Request) => Promise<Response>
  readonly connect: (request: SocketRequest, peer: SocketPeer) => Promise<SocketSession>
  readonly clock: Clock
  readonly instruments: readonly Instrument[]
  /** Absent: market data only. */
  readonly credentials?: Credentials
}

/** What was recorded of an order before its sender's memory was lost. */
export interface Recorded {
  /** Whether an acknowledgement was. */
  readonly acked: boolean
  /** The venue's ids of the fills that were: they are not told again. */
  readonly fill_ids: ReadonlySet<string>
}

/** The near end of the wire. */
export interface VenueClient {
  /** Follows books and trades of these instruments; heals gaps by itself. */
  subscribe(instruments: readonly Instrument[], sink: FeedSink): Promise<() => void>
  /** Follows own orders and fills. Call before the first submit. */
  open(sink: (event: EdgeEvent) => void): Promise<void>
  submit(order: ChildOrder): Promise<void>
  /**
   * Takes up an order that was sent before, by an earlier process or an earlier memory of this one. Sends
   * nothing: the next `reconcile` asks the venue. The client then knows no more of it than what was
   * recorded, so it tells `acked` when it finds the order, and every fill that was not.
   */
  adopt(order: ChildOrder, filled_1e8: bigint, recorded: Recorded): void
  cancel(child_id: string): Promise<void>
  amend(child_id: string, change: { qty_1e8: bigint; limit_price_1e9: bigint }): Promise<void>
  /** Asks the venue for the truth about open children and emits what was missed. */
  reconcile(): Promise<void>
  /** Cash and positions as the venue tells them. */
  pull(): Promise<{
    balances: readonly { asset: string; total_1e8: bigint; reserved_1e8: bigint }[]
    positions: readonly {
      venue_symbol: string
      qty_1e8: bigint
      entry_price_1e9: bigint
    }[]
  }>
  close(): Promise<void>
}

/** Where a feed delivers. Depth is whole the first time and after a gap, then by level. */
export interface FeedSink {
  snapshot(venue_symbol: string, depth: Depth, ts_ns: bigint): void
  level(venue_symbol: string, side: Side, price_1e9: bigint, qty_1e8: bigint, ts_ns: bigint): void
  /** Marks the end of one published message: the book is whole again. */
  published(venue_symbol: string, ts_ns: bigint): void
  trade(venue_symbol: string, trade: PublicTrade): void
  /** The feed is broken for this instrument: its book may not be traded on. */
  lost(venue_symbol: string, reason: string): void
  /** The venue says what its market takes now; never told: `open`. */
  state?(venue_symbol: string, state: MarketState, ts_ns: bigint): void
  /** The price grid a market has now; never told: that of its instrument. */
  bands?(venue_symbol: string, bands: Instrument['price_bands'], ts_ns: bigint): void
}

/**
 * Checks a venue's declaration where types cannot and hands it back unchanged.
 *
 * @throws Error naming the venue and the instrument when two instruments share a name or a step is not positive.
 */
export function defineVenue(venue: Venue): Venue {
  const names = new Set<string>()
  for (const { symbol, venue_symbol, tick_size_1e9, lot_size_1e8 } of venue.instruments) {
    if (names.has(venue_symbol)) {
      throw new Error(`${venue.id} lists ${venue_symbol} twice; a venue symbol is listed once.`)
    }
    if (tick_size_1e9 <= 0n || lot_size_1e8 <= 0n) {
      throw new Error(`${venue.id} lists ${symbol} without a positive tick and lot size.`)
    }
    names.add(venue_symbol)
  }
  return venue
}

/**
 * Reducer: what one command does to a venue, and how a venue's own state takes part in it.
 *
 * Types only.
 *
 * @module
 */

import type { AccountId, Command, ExchangeEvent, OrderId } from '../engine/command.js'
import type { Instrument } from '../engine/instrument.js'
import type { Credentials } from './contract.js'
import type { HostCommand, PlaceInput, Untimed } from './host-command.js'
import type { AccountEvent, OrderRecord } from './records.js'

/** An account as the venue knows it. */
export interface AccountInfo {
  readonly account_id: AccountId
  readonly label: string
  readonly credentials: Credentials
  /** The credential that names the account in a request, e.g. an API key. */
  readonly key: string
}

/** What one applied command did. */
export interface Applied {
  readonly ts_us: number
  readonly command: HostCommand
  readonly events: readonly ExchangeEvent[]
  /** What private feeds tell. */
  readonly account_events: readonly AccountEvent[]
  /** The order placed, amended or cancelled; null: none, or the command was refused at entry. */
  readonly order: OrderRecord | null
  /** The first refusal at entry; null: taken. */
  readonly refusal: Extract<ExchangeEvent, { type: 'rejected' }> | null
  /** The account opened; null: none. */
  readonly account_id: AccountId | null
  /** What the venue's reducer answered. */
  readonly value: unknown
}

/** The hands of a venue's reducer: whatever it does through them joins the running command. */
export interface ReducerTools {
  readonly ts_us: number
  /** Runs an engine command; the host stamps the time. */
  run(command: Untimed<Command>): readonly ExchangeEvent[]
  place(order: PlaceInput): OrderRecord | null
  cancel(order: OrderRecord): void
  /** Reads of the venue as it is at this point of the command. */
  instrument(venue_symbol: string): Instrument
  order(order_id: OrderId): OrderRecord | undefined
  openOrders(account_id: AccountId): readonly OrderRecord[]
  /** Signed lots, what was paid for them: YES less NO where they are two tokens. */
  position(account_id: AccountId, venue_symbol: string): { qty_lots: number; cost_1e8: bigint }
}

/**
 * A venue's own state and how it changes. The state must be plain data (objects, arrays, Maps, strings,
 * numbers, `bigint`); functions here must be deterministic and may not look at clocks or chance.
 */
export interface VenueReducer<S> {
  readonly initial: () => S
  /** A command `{ type: 'venue', name, data }`. Change `state` in place; the answer reaches the caller of `apply`. */
  readonly reduce: (
    state: S,
    command: Extract<HostCommand, { type: 'venue' }>,
    tools: ReducerTools,
  ) => unknown
  /** After the engine's events of any command, e.g. to count a group's fills and pull its orders. */
  readonly react?: (
    state: S,
    happened: {
      readonly events: readonly ExchangeEvent[]
      readonly account_events: readonly AccountEvent[]
    },
    tools: ReducerTools,
  ) => void
  /** Next moment (µs) at which `wake` has something to do; undefined: none. */
  readonly nextWake?: (state: S) => number | undefined
  /** Time-driven changes that are due, e.g. a market's opening. Must move `nextWake` past `tools.ts_us`. */
  readonly wake?: (state: S, tools: ReducerTools) => void
}

/**
 * Host command: everything that changes a mock venue, as data. One line of its journal each.
 *
 * Pure. Applying the same commands in the same order gives the same venue, byte for byte, so time,
 * chance and ids never enter on the way: they are in the command or derived from counters.
 *
 * @module
 */

import type { AccountId, Command, MarketState, OrderId, PlaceCommand } from '../engine/command.js'
import type { Instrument } from '../engine/instrument.js'
import type { Credentials } from './contract.js'
import { decodePlain, encodePlain } from './plain.js'
import type { FailingTrade } from './settlement.js'

/** A command without its time: the host stamps it. */
export type Untimed<T> = T extends unknown ? Omit<T, 'ts_us'> : never

/** Plain data a venue keeps with an order, an account or a command: what `structuredClone` takes. */
export type Plain =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain }

/** An order as a venue's route hands it over: the engine's fields plus what the engine does not know. */
export interface PlaceInput extends Untimed<Omit<PlaceCommand, 'type'>> {
  /** The client's own id; null: none. The host only remembers it: uniqueness is the venue's rule. */
  readonly client_order_id: string | null
  /** The venue's own facts about this order (flags as sent, group, display fields). */
  readonly data: Plain
}

/** `[price_ticks, qty_lots]`, best first. */
export type TickLevel = readonly [price_ticks: number, qty_lots: number]

export type HostCommand =
  /** Lists an instrument and puts it into a state. */
  | { readonly type: 'list'; readonly instrument: Instrument; readonly state: MarketState }
  /** An engine command as it is: market state, grid, determine, settle, mark, funding ... */
  | {
      readonly type: 'engine'
      readonly command: Exclude<Untimed<Command>, { type: 'list' | 'open-account' }>
    }
  | {
      readonly type: 'open-account'
      readonly label: string
      readonly credentials: Credentials
      readonly key: string
      readonly stp_group: number | null
    }
  | { readonly type: 'place'; readonly order: PlaceInput }
  | { readonly type: 'cancel'; readonly account_id: AccountId; readonly order_id: OrderId }
  | {
      readonly type: 'cancel-all'
      readonly account_id: AccountId
      readonly venue_symbol: string | null
    }
  | {
      readonly type: 'amend'
      readonly account_id: AccountId
      readonly order_id: OrderId
      readonly price_ticks: number
      readonly remaining_lots: number
      /** Absent: unchanged. */
      readonly client_order_id?: string | null
      readonly data?: Plain
    }
  /** Sets a balance to exactly this total. */
  | {
      readonly type: 'set-balance'
      readonly account_id: AccountId
      readonly asset: string
      readonly total_1e8: bigint
    }
  /** Sets an event or perp position to exactly this, at this entry price. */
  | {
      readonly type: 'set-position'
      readonly account_id: AccountId
      readonly venue_symbol: string
      readonly qty_lots: number
      readonly entry_ticks: number
    }
  /** The house's levels of one book, whole. */
  | {
      readonly type: 'depth'
      readonly venue_symbol: string
      readonly bids: readonly TickLevel[]
      readonly asks: readonly TickLevel[]
    }
  | {
      readonly type: 'print'
      readonly venue_symbol: string
      readonly price_ticks: number
      readonly qty_lots: number
      readonly taker_side: 'buy' | 'sell'
    }
  /** A matched trade that will not settle: it is undone when it is due. */
  | { readonly type: 'settlement-fails'; readonly trade: FailingTrade }
  /** Time passes: orders that are due expire, settlements that are due fail. */
  | { readonly type: 'tick' }
  /** The venue's own command; its reducer gives it meaning. */
  | { readonly type: 'venue'; readonly name: string; readonly data: Plain }

export interface TimedCommand {
  readonly ts_us: number
  readonly command: HostCommand
}

/** One line of text, without line breaks; `decodeCommand` gives back an equal value. */
export const encodeCommand = (timed: TimedCommand): string => encodePlain(timed)

/** @throws SyntaxError when the line was not made by {@link encodeCommand}. */
export function decodeCommand(line: string): TimedCommand {
  const { ts_us, command } = decodePlain(line) as Partial<TimedCommand>
  if (typeof ts_us !== 'number' || typeof command?.type !== 'string') {
    throw new SyntaxError(`not a journal line of a venue: ${line.slice(0, 120)}`)
  }
  return { ts_us, command }
}

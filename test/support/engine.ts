/**
 * A small stage for engine tests: instruments, money rules and an exchange that counts its own time.
 *
 * @module
 */

import type { Command, ExchangeEvent, MoneyRules, PlaceCommand } from '../../src/engine/command.js'
import { Exchange, type ExchangeOptions } from '../../src/engine/exchange.js'
import type { Instrument } from '../../src/engine/instrument.js'
import { divCeil } from '../../src/engine/units.js'

export const CENT = 10_000_000n
export const USD = 100_000_000n

/** BTC-USD as on Kraken: tick 0.1, lot 1e-8. */
export const btcUsd: Instrument = {
  symbol: 'BTC-USD',
  venue_symbol: 'XXBTZUSD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: 100_000_000n,
  lot_size_1e8: 1n,
  min_qty_1e8: 5_000n,
  min_notional_1e9: 500_000_000n,
  price_bands: [],
  leverage_max: 1,
}

/** SOL-USD in whole coins and whole dollars: sums can be read off. */
export const solUsd: Instrument = {
  ...btcUsd,
  symbol: 'SOL-USD',
  venue_symbol: 'SOL',
  base: 'SOL',
  tick_size_1e9: 1_000_000_000n,
  lot_size_1e8: 100_000_000n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
}

/** A perp in whole coins and whole dollars; maintenance is a twentieth of value. */
export const btcPerp: Instrument = {
  ...solUsd,
  symbol: 'BTC-USD-PERP',
  venue_symbol: 'BTC',
  kind: 'perp',
  base: 'BTC',
  leverage_max: 10,
}

/** One market of whole cents and hundredths of a contract. */
export const kxTest: Instrument = {
  symbol: 'KXTEST',
  venue_symbol: 'KXTEST',
  kind: 'event',
  base: 'KXTEST',
  quote: 'USD',
  tick_size_1e9: CENT,
  lot_size_1e8: 1_000_000n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
}

/** No fees, no holds. */
export const freeRules: MoneyRules = {
  fee: () => ({ fee_1e8: 0n, carry_1e8: 0n }),
  feeHold: () => 0n,
  eventNetting: 'net',
}

/** Basis points of notional, rounded up; the taker's is held. */
export const bpsRules = (taker: bigint, maker: bigint): MoneyRules => ({
  fee: ({ liquidity, notional_1e17, qty_1e8, fee_asset, instrument }) => {
    const bps = liquidity === 'taker' ? taker : maker
    const inBase = fee_asset !== instrument.quote
    const fee_1e8 = inBase
      ? divCeil(qty_1e8 * bps, 10_000n)
      : divCeil(notional_1e17 * bps, 10_000n * 1_000_000_000n)
    return { fee_1e8, carry_1e8: 0n }
  },
  feeHold: ({ notional_1e8 }) => divCeil(notional_1e8 * taker, 10_000n),
  eventNetting: 'net',
})

/** The quadratic fee: rate x C x P x (1 - P), up to the next $0.0001; nothing held for it. */
export const quadraticRules: MoneyRules = {
  fee: ({ liquidity, qty_1e8, price_1e9 }) => {
    const exact = 7n * qty_1e8 * price_1e9 * (1_000_000_000n - price_1e9)
    const fee_1e8 = divCeil(exact, 100n * 10n ** 18n * 10_000n) * 10_000n
    return { fee_1e8: liquidity === 'taker' ? fee_1e8 : 0n, carry_1e8: 0n }
  },
  feeHold: () => 0n,
  eventNetting: 'net',
}

type Terms = Partial<Omit<PlaceCommand, 'type' | 'ts_us'>>

/** An exchange with short words for tests. Time advances one microsecond per command. */
export class Stage {
  readonly exchange: Exchange
  #now = 0

  constructor(options: ExchangeOptions) {
    this.exchange = new Exchange(options)
  }

  /** Lists and opens a market. */
  open(instrument: Instrument): this {
    this.do({ type: 'list', instrument })
    this.do({
      type: 'market-state',
      instrument: instrument.venue_symbol,
      state: 'open',
      cancel_resting: false,
    })
    return this
  }

  /** A funded account. */
  account(funds: Record<string, bigint> = {}, stp_group: number | null = null): number {
    this.do({ type: 'open-account', stp_group })
    const account_id = this.exchange.accounts
    for (const [asset, amount_1e8] of Object.entries(funds)) {
      this.do({ type: 'transfer', account_id, asset, amount_1e8 })
    }
    return account_id
  }

  do(command: DistributiveOmit<Command, 'ts_us'>): readonly ExchangeEvent[] {
    this.#now += 1
    return this.exchange.apply({ ...command, ts_us: this.#now } as Command)
  }

  place(terms: Terms & { account_id: number; instrument: string }): readonly ExchangeEvent[] {
    return this.do({ type: 'place', ...order(terms) })
  }

  /** Places in one market, in few words. */
  placer(instrument: string) {
    return (
      account_id: number,
      side: 'buy' | 'sell',
      price_ticks: number | null,
      qty_lots: number,
      more: Terms = {},
    ) => this.place({ instrument, side, price_ticks, qty_lots, ...more, account_id })
  }

  balance(account_id: number, asset: string): bigint {
    return this.exchange.balance(account_id, asset).total_1e8
  }
}

type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never

/** A plain limit order with these terms. */
export function order(
  terms: Terms & { account_id: number; instrument: string },
): Omit<PlaceCommand, 'type' | 'ts_us'> {
  return {
    side: 'buy',
    price_ticks: null,
    qty_lots: 0,
    quote_budget_1e8: null,
    time_in_force: 'gtc',
    expire_ts_us: null,
    post_only: 'no',
    reduce_only: false,
    self_trade: 'cancel-taker',
    fee_in: 'quote',
    margin: 'cross',
    ...terms,
  }
}

/** The one event of a type. */
export function one<T extends ExchangeEvent['type']>(
  events: readonly ExchangeEvent[],
  type: T,
): Extract<ExchangeEvent, { type: T }> {
  const found = all(events, type)
  const [first] = found
  if (first === undefined || found.length > 1) {
    throw new Error(`${found.length} events of type ${type} in ${events.map((e) => e.type)}`)
  }
  return first
}

export function all<T extends ExchangeEvent['type']>(
  events: readonly ExchangeEvent[],
  type: T,
): Extract<ExchangeEvent, { type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<ExchangeEvent, { type: T }>[]
}

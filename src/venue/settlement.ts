/**
 * Settlement: how a venue undoes a trade that was matched and told, and then does not settle.
 *
 * Cash and fees go back as they were booked, lots go back to what they were before. What a party has spent or
 * withdrawn meanwhile it cannot give back: the venue bears it. The house's side of a trade stays where it
 * is; nobody sees it. The cost of a position that was there before is kept to the tick.
 *
 * @module
 */

import type { AccountId, Command, ExchangeEvent, TradeParty } from '../engine/command.js'
import { type Instrument, qtyOf } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { MockOptions } from './contract.js'
import type { ExchangePort } from './exchange-port.js'
import type { Untimed } from './host-command.js'

/** How trades settle after they were matched and told. */
export interface Settlement {
  /** Asked once per trade of a client; false: it is undone. See `MockOptions.settles`. */
  readonly settles: NonNullable<MockOptions['settles']>
  /** How long after the match a settlement fails. */
  readonly fails_after_ms: number
}

/** When a settlement fails at a venue that names no time of its own, in milliseconds after the match. Ours. */
export const FAILS_AFTER_MS = 2_000

/** What a mock hands its host: nothing where trades settle at once. */
export const settlementOf = ({
  settles,
}: Pick<MockOptions, 'settles'>): { readonly settlement?: Settlement } =>
  settles === undefined ? {} : { settlement: { settles, fails_after_ms: FAILS_AFTER_MS } }

/** A trade that is going to fail, with what is needed to undo it. Plain data. */
export interface FailingTrade {
  readonly trade_id: number
  readonly venue_symbol: string
  readonly qty_lots: number
  /** When it fails. */
  readonly due_us: number
  readonly parties: readonly FailingParty[]
}

export type FailingParty = Pick<
  TradeParty,
  'account_id' | 'order_id' | 'side' | 'change_1e8' | 'fee_1e8' | 'fee_asset'
>

/** Runs an engine command inside the running host command. */
export type Run = (command: Untimed<Command>) => readonly ExchangeEvent[]

/** Where a trade is undone. */
interface Venue {
  readonly exchange: ExchangePort
  readonly instrument: Instrument
  readonly run: Run
}

/** The trade as it will have to be undone. */
export function failingTrade(
  trade: Extract<ExchangeEvent, { type: 'trade' }>,
  due_us: number,
): FailingTrade {
  const party = (of: TradeParty): FailingParty => {
    const { account_id, order_id, side, change_1e8, fee_1e8, fee_asset } = of
    return { account_id, order_id, side, change_1e8, fee_1e8, fee_asset }
  }
  const { trade_id, instrument: venue_symbol, qty_lots, maker, taker } = trade
  return { trade_id, venue_symbol, qty_lots, due_us, parties: [party(maker), party(taker)] }
}

/**
 * Undoes a trade for one of its parties.
 *
 * @throws RangeError on a perpetual: profit on it is settled all the time, and no trade of it fails later.
 */
export function undo(venue: Venue, { qty_lots }: FailingTrade, party: FailingParty): void {
  const { instrument } = venue
  const { account_id, side, change_1e8, fee_1e8, fee_asset } = party
  if (instrument.kind === 'perp') {
    throw new RangeError(`${instrument.venue_symbol} is a perpetual; its trades settle at once.`)
  }
  if (instrument.kind === 'event') {
    moveLots(venue, account_id, side === 'buy' ? -qty_lots : qty_lots)
  } else {
    const size_1e8 = qtyOf(instrument, qty_lots)
    book(venue, account_id, instrument.base, side === 'buy' ? -size_1e8 : size_1e8)
  }
  book(venue, account_id, instrument.quote, -change_1e8)
  book(venue, account_id, fee_asset, fee_1e8)
}

/** Adds to an event position. What rests in the market is pulled: it may have promised what is gone. */
function moveLots({ exchange, instrument, run }: Venue, account_id: AccountId, lots: number): void {
  const name = instrument.venue_symbol
  run({ type: 'cancel-all', account_id, instrument: name })
  const rows = exchange.positions(account_id).filter((row) => row.instrument === name)
  const yes = rows.reduce((sum, row) => sum + Math.max(0, row.qty_lots), 0)
  const no = rows.reduce((sum, row) => sum + Math.max(0, -row.qty_lots), 0)
  const cost_1e8 = rows.reduce((sum, row) => sum + row.cost_1e8, 0n)
  // Pairs of separate tokens are cash meanwhile, as a position is set on one side alone.
  const pairs = Math.min(yes, no)
  if (pairs > 0) run({ type: 'merge', account_id, instrument: name, qty_lots: pairs })
  const qty_lots = yes - no + lots
  const entry_ticks = entryTicks(instrument, cost_1e8, yes + no, qty_lots)
  run({ type: 'endow', account_id, instrument: name, qty_lots, entry_ticks })
  if (pairs > 0) run({ type: 'split', account_id, instrument: name, qty_lots: pairs })
}

/** What a lot cost on average, rounded down, as a price of YES in ticks. */
function entryTicks(
  instrument: Instrument,
  cost_1e8: bigint,
  held_lots: number,
  qty_lots: number,
): number {
  if (held_lots === 0 || qty_lots === 0) return 0
  const tick_1e9 = instrument.tick_size_1e9
  const price_1e9 = (cost_1e8 * PRICE_SCALE) / qtyOf(instrument, held_lots)
  const whole = Number(PRICE_SCALE / tick_1e9)
  const ticks = Math.min(whole, Number(price_1e9 / tick_1e9))
  return qty_lots < 0 ? whole - ticks : ticks
}

/** Books cash or coins in or out. An account short of them loses its resting orders, then what it has. */
function book(
  { exchange, run }: Venue,
  account_id: AccountId,
  asset: string,
  amount_1e8: bigint,
): void {
  const free = (): bigint => {
    const { total_1e8, reserved_1e8 } = exchange.balance(account_id, asset)
    return total_1e8 - reserved_1e8
  }
  if (free() + amount_1e8 < 0n) run({ type: 'cancel-all', account_id, instrument: null })
  const held_1e8 = free()
  const booked_1e8 = held_1e8 + amount_1e8 < 0n ? -held_1e8 : amount_1e8
  if (booked_1e8 !== 0n) {
    run({ type: 'transfer', account_id, asset, amount_1e8: booked_1e8 })
  }
}

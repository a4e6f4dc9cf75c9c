/**
 * Tell: the `trade` event of a fill, which is the same for every kind of collateral.
 *
 * Counts the lots on both orders and writes one event; money and positions have moved, or will, where the kind
 * says so. The book still holds the maker's old size.
 *
 * @module
 */

import { BUY } from '../book.js'
import { type Core, type Draft, type Seat, sideName } from '../core.js'
import { larger } from '../units.js'

/** What a fill is to one of its parties. */
export interface Share {
  /** Money that changed hands, never negative. */
  readonly quote_1e8: bigint
  /** The same as the party sees it, signed, before its fee. */
  readonly change_1e8: bigint
  readonly closed_lots: number
  readonly fee_1e8: bigint
  readonly fee_asset: string
}

/** Writes a fill of a draft against the order at a slot. */
export function tellTrade(
  core: Core,
  draft: Draft,
  slot: number,
  fill: { readonly price_ticks: number; readonly qty_lots: number },
  shares: { readonly taker: Share; readonly maker: Share },
): void {
  const { market } = draft
  const { store } = core
  const { price_ticks, qty_lots } = fill
  const { taker, maker } = shares
  const filled_lots = store.filled(slot) + qty_lots
  store.setFilled(slot, filled_lots)
  draft.filled_lots += qty_lots
  draft.remaining_lots -= qty_lots
  core.last_trade += 1
  const taker_side = sideName(draft.side)
  core.events.push({
    type: 'trade',
    seq: core.next(),
    ts_us: core.ts_us,
    trade_id: core.last_trade,
    instrument: market.instrument.venue_symbol,
    price_ticks,
    qty_lots,
    taker_side,
    taker: {
      account_id: draft.seat.account.id,
      order_id: draft.order_id,
      side: taker_side,
      liquidity: 'taker',
      remaining_lots: draft.remaining_lots,
      filled_lots: draft.filled_lots,
      quote_1e8: taker.quote_1e8,
      change_1e8: taker.change_1e8,
      closed_lots: taker.closed_lots,
      fee_1e8: taker.fee_1e8,
      fee_asset: taker.fee_asset,
    },
    maker: {
      account_id: (core.seats[store.owner(slot)] as Seat).account.id,
      order_id: store.id(slot),
      side: sideName(draft.side === BUY ? 1 : BUY),
      liquidity: 'maker',
      remaining_lots: store.remaining(slot) - qty_lots,
      filled_lots,
      quote_1e8: maker.quote_1e8,
      change_1e8: maker.change_1e8,
      closed_lots: maker.closed_lots,
      fee_1e8: maker.fee_1e8,
      fee_asset: maker.fee_asset,
    },
  })
}

/** A share whose money is the change itself. */
export const shareOf = (
  change_1e8: bigint,
  closed_lots: number,
  fee_1e8: bigint,
  fee_asset: string,
): Share => ({
  quote_1e8: larger(change_1e8, -change_1e8),
  change_1e8,
  closed_lots,
  fee_1e8,
  fee_asset,
})

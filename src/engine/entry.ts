/**
 * Entry: the reasons to refuse an order before it exists, in the order they are checked. Funds come last and are
 * the collateral's (`collateral/*`).
 *
 * @module
 */

import { BUY } from './book.js'
import { netClosable } from './collateral/cover.js'
import type { PlaceCommand } from './command.js'
import type { AccountRecord, Core, Market, Seat } from './core.js'
import { allowed } from './grid.js'
import type { EntryReject } from './reject.js'

/** First reason not to let an order in, funds aside. */
export function entryRefusal(
  core: Core,
  market: Market,
  account: AccountRecord,
  command: PlaceCommand,
): EntryReject | undefined {
  const { price_ticks } = command
  return (
    stateRefusal(market, price_ticks === null, command.post_only !== 'no') ??
    wordsRefusal(core, market, command) ??
    (price_ticks === null ? undefined : priceRefusal(market, price_ticks)) ??
    sizeRefusal(market, command) ??
    (market.instrument.kind === 'perp'
      ? perpRefusal(core.seat(account, market), command)
      : undefined)
  )
}

export function stateRefusal(
  market: Market,
  isMarketOrder: boolean,
  isPostOnly: boolean,
): EntryReject | undefined {
  switch (market.state) {
    case 'open':
      return undefined
    case 'paused':
    case 'halted':
      return 'venue-paused'
    case 'cancel-only':
      return 'market-mode'
    case 'post-only':
      return isPostOnly ? undefined : 'market-mode'
    case 'limit-only':
      return isMarketOrder ? 'market-mode' : undefined
    default:
      return 'market-closed'
  }
}

/** Words that do not go together, or that this kind of market does not know. */
function wordsRefusal(core: Core, market: Market, command: PlaceCommand): EntryReject | undefined {
  const { price_ticks, time_in_force, post_only, quote_budget_1e8, side, expire_ts_us } = command
  const { kind } = market.instrument
  const rests = price_ticks !== null && (time_in_force === 'gtc' || time_in_force === 'gtd')
  if (post_only !== 'no' && !rests) return 'unsupported-order'
  if (quote_budget_1e8 !== null && (side === 'sell' || price_ticks !== null || kind !== 'spot')) {
    return 'unsupported-order'
  }
  if (command.reduce_only && kind === 'spot') return 'unsupported-order'
  if (command.fee_in === 'base' && kind !== 'spot') return 'unsupported-order'
  if (time_in_force === 'gtd' && (expire_ts_us === null || price_ticks === null)) {
    return 'unsupported-order'
  }
  if (time_in_force === 'gtd' && (expire_ts_us as number) <= core.ts_us) return 'expired'
  return undefined
}

/** One margin mode per position, and no opening beyond the market's cap. */
function perpRefusal(seat: Seat, command: PlaceCommand): EntryReject | undefined {
  const { market } = seat
  if (seat.position_lots !== 0 && seat.margin !== command.margin && !command.reduce_only) {
    return 'unsupported-order'
  }
  const cap = market.open_interest_cap_lots
  if (cap === null || command.reduce_only) return undefined
  const closing = netClosable(seat, command.side === 'buy' ? BUY : 1)
  const opening = command.qty_lots - closing
  return opening > 0 && market.position_lots / 2 + opening > cap ? 'position-limit' : undefined
}

export function priceRefusal(market: Market, price_ticks: number): EntryReject | undefined {
  if (price_ticks === 0) return 'price-bounds'
  if (market.one_ticks > 0 && price_ticks >= market.one_ticks) return 'price-bounds'
  return allowed(market.bands, price_ticks) ? undefined : 'off-tick'
}

function sizeRefusal(market: Market, command: PlaceCommand): EntryReject | undefined {
  const { qty_lots, price_ticks, quote_budget_1e8, side } = command
  if (quote_budget_1e8 !== null) {
    return quote_budget_1e8 * 10n < market.instrument.min_notional_1e9 || quote_budget_1e8 === 0n
      ? 'below-min-notional'
      : undefined
  }
  if (qty_lots === 0) return 'off-lot'
  if (qty_lots < market.min_lots) return 'below-min-qty'
  // A market order is valued at the opposite best; against an empty side there is nothing to value.
  const price = price_ticks ?? market.book.best(side === 'buy' ? 1 : BUY)
  return price >= 0 && price * qty_lots < market.min_tick_lots ? 'below-min-notional' : undefined
}

/**
 * Estimate: what a routing would cost, from the levels it expects to take.
 *
 * @module
 */

import type { Routing } from '../router/route.js'
import type { OrderIntent, Preview } from './contract.js'
import type { Core } from './core.js'
import { routingLeg } from './view.js'

export function estimate(
  core: Core,
  intent: OrderIntent,
  plan: ReturnType<Core['preview']>,
): Preview {
  const { qty_1e8, guards } = plan
  const legs: Routing['legs'] = plan.routing?.legs ?? []
  let taken = 0n
  let value = 0n
  let fee_1e8 = 0n
  let cost = 0
  for (const leg of legs) {
    let of_leg = 0n
    let carry_1e8 = 0n
    for (const { price_1e9, qty_1e8: qty } of leg.takes) {
      of_leg += qty
      value += price_1e9 * qty
      const paid = core.venues.get(leg.venue)?.fees.fill({
        instrument: leg.instrument,
        liquidity: 'taker',
        side: intent.side,
        price_1e9,
        qty_1e8: qty,
        carry_1e8,
      })
      carry_1e8 = paid?.carry_1e8 ?? 0n
      fee_1e8 += paid?.fee_1e8 ?? 0n
    }
    taken += of_leg
    cost += leg.landed_cost_bps * Number(of_leg)
  }
  return {
    symbol: intent.symbol,
    side: intent.side,
    qty_1e8,
    legs: legs.map(routingLeg),
    est_avg_px_1e9: taken === 0n ? null : value / taken,
    est_fee_usd_1e9: fee_1e8 * 10n,
    est_cost_bps: taken === 0n ? 0 : Math.round((cost / Number(taken)) * 1e4) / 1e4,
    unfilled_qty_1e8: qty_1e8 - taken,
    guards: guards.map(({ code, message }) => ({ code, message })),
  }
}

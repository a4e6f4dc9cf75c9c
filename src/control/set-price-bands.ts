/**
 * Set price bands: a new price grid for a market that trades; resting orders stay.
 *
 * @module
 */

import { z } from 'zod'
import { formatDecimal } from '../engine/decimal.js'
import { defineAction } from './action.js'
import { price } from './amount.js'
import { ControlError, listingOf, mockOf } from './target.js'

export const setPriceBands = defineAction({
  name: 'set-price-bands',
  about: 'gives a market a new price grid; resting orders stay',
  input: z.strictObject({
    venue: z.string(),
    symbol: z.string(),
    bands: z.array(z.strictObject({ from: price, to: price, step: price })).max(100),
  }),
  run: async (target, { venue, symbol, bands }) => {
    const { at, instrument } = listingOf(target, venue, symbol)
    refuseBrokenBands(bands, instrument.tick_size_1e9)
    mockOf(at).admin.setPriceBands(
      instrument.venue_symbol,
      bands.map(({ from, to, step }) => ({ from_1e9: from, to_1e9: to, step_1e9: step })),
    )
    await target.settle()
    return { venue, symbol, bands: bands.length }
  },
})

interface WrittenBand {
  readonly from: bigint
  readonly to: bigint
  readonly step: bigint
}

/** @throws ControlError on a band no price or not every price of which could ever be quoted. */
function refuseBrokenBands(bands: readonly WrittenBand[], tick_1e9: bigint): void {
  let end = 0n
  for (const [index, { from, to, step }] of bands.entries()) {
    const wrong =
      from >= to
        ? '"from" below "to" is expected'
        : from < end
          ? 'bands that ascend and do not overlap are expected'
          : (to - from) % step !== 0n
            ? 'a whole number of steps from "from" to "to" is expected'
            : from % tick_1e9 !== 0n || step % tick_1e9 !== 0n
              ? `whole ticks of ${formatDecimal(tick_1e9, 9)} are expected`
              : null
    if (wrong !== null) {
      const field = `bands.${index}`
      throw new ControlError('invalid', `${field}: ${wrong}`, [{ field, message: wrong }])
    }
    end = to
  }
}

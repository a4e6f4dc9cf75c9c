/**
 * Replay recording: a market order on a recording of your own fills at prices that its book showed.
 *
 * `papervenue run replay-recording.js --set recording=FILE`, with a capture of one of the known
 * dialects, plain or `.gz`.
 *
 * @module
 */

import { perform } from '../src/control/actions.js'
import { formatDecimal } from '../src/engine/decimal.js'
import { catalogue } from '../src/scenario/catalogue.js'
import type { Hands } from '../src/scenario/hands.js'
import { defineScenario } from '../src/scenario/scenario.js'
import { StoryError } from '../src/scenario/step.js'

/** What the recording is about: its first instrument. */
function recorded({ host }: Hands) {
  const { recording } = host
  const instrument = recording?.instruments[0]
  if (recording === null || instrument === undefined) throw new StoryError('there is no recording')
  return { venue: recording.venue, instrument }
}

export default defineScenario({
  scenario: 'replay of a recording',
  story:
    'A recorded book plays for five seconds. A market buy for half of the best ask then fills at no better price than the recording showed at that moment, and selling it back later loses the spread and the fees.',
  recording: '$recording',
  steps: [
    {
      note: 'enough money for one order',
      run: async (hands) => {
        const { venue, instrument } = recorded(hands)
        await perform(hands.host.target, 'set-balances', {
          client_id: (await hands.context.client(undefined, 'sandbox')).client_id,
          replace: true,
          positions: [{ venue, kind: 'crypto', symbol: instrument.quote, qty: '10000000' }],
        })
      },
    },
    { do: 'replay', for: '5s' },
    {
      note: 'buys half of the best ask',
      run: async (hands) => {
        const { venue, instrument } = recorded(hands)
        const { context, expect, host } = hands
        const book = host.target.hub.book(venue, instrument.venue_symbol)
        const ask = book?.depth.asks[0]
        if (ask === undefined) throw new StoryError('the recording shows no ask after five seconds')
        const best_1e9 = ask.price_1e9
        const half = ask.qty_1e8 / 2n / instrument.lot_size_1e8
        const qty_1e8 = (half > 0n ? half : 1n) * instrument.lot_size_1e8
        await catalogue.get('order')?.run(context, {
          id: 'buy',
          mode: 'sandbox',
          symbol: instrument.symbol,
          venue,
          side: 'buy',
          qty: qty_1e8,
        })
        const client = await context.client(undefined, 'sandbox')
        const fills = await host.target.desk.fills(
          { client_id: client.client_id, key_id: 'story', mode: 'sandbox' },
          { limit: 100 },
        )
        const got_1e8 = fills.reduce((sum, fill) => sum + fill.qty_1e8, 0n)
        expect('the order fills', got_1e8 === qty_1e8, {
          expected: formatDecimal(qty_1e8, 8),
          got: formatDecimal(got_1e8, 8),
        })
        for (const { px_1e9 } of fills) {
          expect('no fill is better than the recorded ask', px_1e9 >= best_1e9, {
            expected: formatDecimal(best_1e9, 9),
            got: formatDecimal(px_1e9, 9),
          })
        }
      },
    },
    { do: 'replay', for: '2s' },
    { do: 'expect-conserved' },
  ],
})

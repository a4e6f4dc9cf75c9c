import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accounts,
  books,
  commands,
  orders,
  type TradingReal,
  tradingModel,
} from '../../../src/arbitraries/index.js'
import { controlOf } from '../../../src/control/actions.js'
import type { OrderRow } from '../../../src/desk/contract.js'
import { parseDecimal } from '../../../src/engine/decimal.js'
import { lotsOf, ticksOf } from '../../../src/engine/instrument.js'
import { createSandbox } from '../../../src/sandbox.js'
import { traderOf } from '../../../src/vitest/trader.js'
import { venues } from '../../../venues/index.js'

const markets = venues.flatMap(({ id, instruments }) =>
  instruments.slice(0, 2).map((market) => [`${id} ${market.symbol}`, market] as const),
)

describe.each(markets)('%s', (_name, market) => {
  test('books are sorted, on the grid and never crossed', () => {
    fc.assert(
      fc.property(books(market), ({ bids, asks }) => {
        const price = (text: string): bigint => parseDecimal(text, 9) ?? -1n
        const [down, up] = [bids.map(([p]) => price(p)), asks.map(([p]) => price(p))]
        expect(down).toEqual([...down].sort((a, b) => (a > b ? -1 : 1)))
        expect(up).toEqual([...up].sort((a, b) => (a < b ? -1 : 1)))
        for (const each of [...down, ...up]) expect(ticksOf(market, each)).toBeDefined()
        if (down[0] !== undefined && up[0] !== undefined) expect(down[0]).toBeLessThan(up[0])
      }),
      { numRuns: 50 },
    )
  })

  test('orders are whole lots on the grid', () => {
    fc.assert(
      fc.property(orders(market), ({ qty, price }) => {
        expect(lotsOf(market, parseDecimal(qty, 8) ?? -1n)).toBeGreaterThan(0)
        if (price !== undefined) {
          expect(ticksOf(market, parseDecimal(price, 9) ?? -1n)).toBeGreaterThan(0)
        }
      }),
      { numRuns: 50 },
    )
  })
})

test('accounts name each balance once', () => {
  fc.assert(
    fc.property(accounts(venues), (rows) => {
      const names = rows.map(({ venue, symbol }) => `${venue} ${symbol}`)
      expect(new Set(names).size).toBe(names.length)
    }),
  )
})

test('the sandbox keeps the laws of the model', async () => {
  const market = venues.find(({ id }) => id === 'coinbase')?.instruments[0]
  if (market === undefined) throw new Error('no market')
  await fc.assert(
    fc.asyncProperty(commands(market, { mid: '60000' }), fc.nat(1_000), async (script, seed) => {
      const sandbox = await createSandbox({ store: 'memory', seed })
      try {
        const control = controlOf(sandbox.control)
        const trader = traderOf(sandbox, sandbox.account(), 'sandbox')
        await trader.fund(
          [
            { venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: '1000000' },
            { venue: 'coinbase', kind: 'crypto', symbol: market.base, qty: '10' },
          ],
          true,
        )
        const real: TradingReal<OrderRow> = {
          handles: [],
          setBook: async ({ bids, asks }) => {
            await control.do('set-depth', {
              venue: 'coinbase',
              symbol: market.symbol,
              bids: bids.map(([price, qty]): [string, string] => [price, qty]),
              asks: asks.map(([price, qty]): [string, string] => [price, qty]),
            })
          },
          place: async (order) => {
            const row = await trader.order({ ...order, venue: 'coinbase' })
            return { handle: row, state: row }
          },
          cancel: async (row) => {
            const now = await trader.reread(row)
            return now.status === 'WORKING' || now.status === 'PARTIAL' ? trader.cancel(row) : now
          },
        }
        await fc.asyncModelRun(() => ({ model: tradingModel(), real: real as TradingReal }), script)
      } finally {
        await sandbox.close()
      }
    }),
    { numRuns: Number(process.env.PAPERVENUE_RUNS ?? 15) },
  )
})

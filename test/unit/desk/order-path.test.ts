import { afterEach, describe, expect, test } from 'vitest'
import { DeskError } from '../../../src/desk/contract.js'
import {
  holding,
  intent,
  liver,
  openDesk,
  type TestDesk,
  tester,
  UNIT,
  USD,
} from '../../support/desk.js'

const open: TestDesk[] = []
const start = async (...args: Parameters<typeof openDesk>) => {
  const desk = await openDesk(...args)
  open.push(desk)
  return desk
}
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

const who = tester()
const fund = (test: TestDesk, ...rows: [string, 'fiat' | 'crypto', string, bigint][]) =>
  test.desk.configure(
    who,
    rows.map(([venue, kind, symbol, qty_1e8]) => ({ venue, kind, symbol, qty_1e8 })),
    true,
  )

describe('market orders', () => {
  test('walks the asks level by level and books each fill', async () => {
    const desk = await start()
    desk.book(
      'alpha',
      'BTC-USD',
      [[99, 1]],
      [
        [100, 1],
        [101, 1],
        [103, 5],
      ],
    )
    const graph = await desk.desk.submit(who, intent({ qty: 3 }))
    expect(graph).toMatchObject({
      status: 'ACCEPTED',
      nodes: [{ node_id: 'n0', status: 'FILLED' }],
    })
    const fills = await desk.desk.fills(who, { limit: 10 })
    expect(fills.reverse().map(({ px_1e9, qty_1e8 }) => [px_1e9 / USD, qty_1e8 / UNIT])).toEqual([
      [100n, 1n],
      [101n, 1n],
      [103n, 1n],
    ])
    const btc = await holding(desk, who, 'alpha', 'BTC')
    expect(btc).toMatchObject({
      qty_1e8: 3n * UNIT,
      entry_price_usd_1e9: 101_333_333_334n,
      locked_qty_1e8: 0n,
    })
    const usd = await holding(desk, who, 'alpha', 'USD')
    // 304 and a fee of 20 basis points on each fill.
    expect(usd?.qty_1e8).toBe(1_000_000_000n * UNIT - 30_400_000_000n - 60_800_000n)
    expect(usd?.locked_qty_1e8).toBe(0n)
  })

  test('refuses a market buy without an ask, in the words of the seed, and holds nothing', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [])
    const graph = await desk.desk.submit(who, intent({}))
    expect(graph.nodes[0]).toMatchObject({
      status: 'REJECTED',
      failure_reason: 'EXCHANGE_REJECT',
      failure_message: 'market buy requires a live ask',
    })
    expect(await desk.desk.fills(who, { limit: 10 })).toEqual([])
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
  })

  test('refuses a live market buy without an ask just the same', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [])
    const graph = await desk.desk.submit(liver(), intent({}))
    expect(graph.nodes[0]).toMatchObject({
      failure_reason: 'EXCHANGE_REJECT',
      failure_message: 'market buy requires a live ask',
    })
  })

  test('refuses on a stale book', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    desk.clock.advance(2001)
    const graph = await desk.desk.submit(who, intent({ price: 100 }))
    expect(graph.nodes[0]).toMatchObject({
      failure_reason: 'STALE_VENUE',
      failure_message: 'no fresh book for BTC-USD',
    })
  })

  test('needs exactly the cost of the sweep and its fee', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    const need = 100n * UNIT + UNIT / 5n
    await fund(desk, ['alpha', 'fiat', 'USD', need - 1n])
    const short = await desk.desk.submit(who, intent({}))
    expect(short.nodes[0]).toMatchObject({
      failure_reason: 'INSUFFICIENT_BALANCE',
      failure_message: 'insufficient USD on alpha',
    })
    await fund(desk, ['alpha', 'fiat', 'USD', need])
    expect((await desk.desk.submit(who, intent({}))).nodes[0]?.status).toBe('FILLED')
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ qty_1e8: 0n })
  })

  test('sizes a notional order by the best ask, down to the lot', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[300, 5]])
    await desk.desk.submit(who, intent({ notional: 100 }))
    expect(await holding(desk, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: 33_333_000n })
  })

  test('ends with what was filled when the book ends', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    const graph = await desk.desk.submit(who, intent({ qty: 2 }))
    expect(graph.nodes[0]?.status).toBe('PARTIAL')
    const [order] = await desk.desk.orders(who, { limit: 1 })
    expect(order).toMatchObject({ filled_qty_1e8: UNIT, venue: 'alpha' })
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
  })

  test('splits over venues by landed cost', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    desk.book('beta', 'XBTUSD', [[99, 1]], [[100, 1]])
    await desk.desk.submit(who, intent({ qty: 2 }))
    const [order] = await desk.desk.orders(who, { limit: 1 })
    expect(order?.children.map(({ venue, qty_1e8 }) => [venue, qty_1e8])).toEqual([
      ['beta', UNIT],
      ['alpha', UNIT],
    ])
    expect(order?.venue).toBeNull()
  })
})

describe('limit orders', () => {
  test('rest, hold their price and fee, and give it back when cancelled', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    const graph = await desk.desk.submit(who, intent({ price: 98, venue: 'alpha' }))
    expect(graph.nodes[0]?.status).toBe('WORKING')
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({
      locked_qty_1e8: 98n * UNIT + 19_600_000n,
    })
    const cancelled = await desk.desk.cancel(who, graph.graph_id)
    expect(cancelled.status).toBe('CANCELLED')
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
    await expect(desk.desk.cancel(who, graph.graph_id)).rejects.toMatchObject({ code: 'conflict' })
    await expect(desk.desk.cancel(who, 'graph_none')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('fill as makers when the market trades through them', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[97, 1]], [[100, 1]])
    const graph = await desk.desk.submit(who, intent({ price: 98, venue: 'alpha' }))
    desk.book('alpha', 'BTC-USD', [[96, 1]], [[97, 1]])
    await desk.desk.flush()
    const id = graph.nodes[0]?.node_order_id ?? ''
    expect(await desk.desk.order(who, id)).toMatchObject({
      status: 'FILLED',
      avg_fill_price_1e9: 98n * USD,
    })
    const usd = await holding(desk, who, 'alpha', 'USD')
    expect(usd).toMatchObject({
      qty_1e8: 1_000_000_000n * UNIT - 98n * UNIT - 9_800_000n,
      locked_qty_1e8: 0n,
    })
  })

  test('refuses an aggressive limit far beyond the best ask', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    const graph = await desk.desk.submit(who, intent({ price: 106 }))
    expect(graph.nodes[0]).toMatchObject({
      failure_reason: 'PRICE_DEVIATION',
      failure_message: 'limit price deviates 600 bps from best ask',
    })
  })

  test('keeps its place on a decrease and queues anew on a new price', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[97, 1]], [[100, 1]])
    const graph = await desk.desk.submit(who, intent({ qty: 2, price: 98, venue: 'alpha' }))
    const id = graph.nodes[0]?.node_order_id ?? ''
    const less = await desk.desk.amend(who, id, { decrease_by_1e8: UNIT })
    expect(less).toMatchObject({ mode: 'native_atomic', order: { qty_1e8: UNIT } })
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({
      locked_qty_1e8: 98n * UNIT + 19_600_000n,
    })
    const moved = await desk.desk.amend(who, id, { new_price_1e9: 99n * USD })
    expect(moved).toMatchObject({
      mode: 'cancel_replace',
      order: { limit_price_1e9: 99n * USD },
    })
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({
      locked_qty_1e8: 99n * UNIT + 19_800_000n,
    })
    await expect(desk.desk.amend(who, id, { new_price_1e9: 1n })).rejects.toMatchObject({
      code: 'invalid',
    })
    await expect(desk.desk.amend(who, id, { decrease_by_1e8: UNIT })).rejects.toMatchObject({
      code: 'invalid',
    })
    await desk.desk.cancel(who, id)
    await expect(desk.desk.amend(who, id, { new_qty_1e8: UNIT })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('an amendment beyond the money changes nothing', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[97, 1]], [[100, 1]])
    await fund(desk, ['alpha', 'fiat', 'USD', 100n * UNIT])
    const graph = await desk.desk.submit(who, intent({ price: 98 }))
    const before = await holding(desk, who, 'alpha', 'USD')
    await expect(
      desk.desk.amend(who, graph.nodes[0]?.node_order_id ?? '', { new_qty_1e8: 2n * UNIT }),
    ).rejects.toThrow('insufficient USD on alpha')
    expect(await holding(desk, who, 'alpha', 'USD')).toEqual(before)
  })

  test('a sale needs the goods', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    const graph = await desk.desk.submit(who, intent({ side: 'sell', price: 101 }))
    expect(graph.nodes[0]?.failure_message).toMatch(/^insufficient BTC on /)
  })

  test('expires at its time', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[97, 1]], [[100, 1]])
    const expire_ts_ns = desk.clock.now_ns() + 1_000_000_000n
    const graph = await desk.desk.submit(
      who,
      intent({ price: 98, tif: 'gtd', expire_ts_ns, venue: 'alpha' }),
    )
    desk.clock.advance(1500)
    await desk.desk.flush()
    expect((await desk.desk.order(who, graph.nodes[0]?.node_order_id ?? ''))?.status).toBe(
      'EXPIRED',
    )
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
  })
})

describe('event contracts', () => {
  const symbol = 'KXTEST-26DEC31-T60'
  test('sells what is held first and opens NO with the rest', async () => {
    const desk = await start()
    desk.book('netted', symbol, [[0.42, 100]], [[0.44, 100]])
    await desk.desk.configure(
      who,
      [
        { venue: 'netted', kind: 'fiat', symbol: 'USD', qty_1e8: 100n * UNIT },
        {
          venue: 'netted',
          kind: 'event_contract',
          symbol: `${symbol}:YES`,
          qty_1e8: 4n * UNIT,
          entry_price_1e9: (USD * 40n) / 100n,
        },
      ],
      true,
    )
    await desk.desk.submit(who, intent({ symbol, side: 'sell', qty: 10, price: 0.42, tif: 'ioc' }))
    expect(await holding(desk, who, 'netted', `${symbol}:YES`)).toMatchObject({
      qty_1e8: 0n,
      lifecycle: { state: 'closed' },
      realized_pnl_usd_1e9: 80_000_000n,
    })
    expect(await holding(desk, who, 'netted', `${symbol}:NO`)).toMatchObject({
      qty_1e8: 6n * UNIT,
      entry_price_usd_1e9: (USD * 58n) / 100n,
      current_price_usd_1e9: (USD * 57n) / 100n,
    })
    // 4 at 0.42 in, 6 at 0.58 out, one percent of 4.20 as fee.
    expect(await holding(desk, who, 'netted', 'USD')).toMatchObject({
      qty_1e8: 100n * UNIT + 168_000_000n - 348_000_000n - 4_200_000n,
    })
  })

  test('keeps the last price quoted as its mark, whether anybody looked or not', async () => {
    for (const looks of [false, true]) {
      const desk = await start()
      desk.book('netted', symbol, [[0.42, 100]], [[0.44, 100]])
      const yes = { venue: 'netted', kind: 'event_contract', symbol: `${symbol}:YES` } as const
      const held = { ...yes, qty_1e8: UNIT, entry_price_1e9: (USD * 40n) / 100n }
      await desk.desk.configure(who, [held], true)
      if (looks) await holding(desk, who, 'netted', yes.symbol)
      desk.book('netted', symbol, [], [])
      expect(await holding(desk, who, 'netted', yes.symbol)).toMatchObject({
        current_price_usd_1e9: (USD * 43n) / 100n,
      })
    }
  })

  test('a NO purchase closes YES where the two cancel out', async () => {
    const desk = await start()
    desk.book('netted', symbol, [[0.42, 100]], [[0.44, 100]])
    await desk.desk.submit(who, intent({ symbol, qty: 5, price: 0.44 }))
    await desk.desk.submit(who, intent({ symbol: `${symbol}:NO`, qty: 5, price: 0.58 }))
    expect(await holding(desk, who, 'netted', `${symbol}:YES`)).toMatchObject({ qty_1e8: 0n })
    expect(await holding(desk, who, 'netted', `${symbol}:NO`)).toBeUndefined()
  })

  test('a resting closer holds contracts, not cash', async () => {
    const desk = await start()
    desk.book('netted', symbol, [[0.42, 100]], [[0.44, 100]])
    await desk.desk.submit(who, intent({ symbol, qty: 5, price: 0.44 }))
    await desk.desk.submit(who, intent({ symbol, side: 'sell', qty: 5, price: 0.5 }))
    expect(await holding(desk, who, 'netted', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
    expect(await holding(desk, who, 'netted', `${symbol}:YES`)).toMatchObject({
      locked_qty_1e8: 5n * UNIT,
      available_qty_1e8: 0n,
    })
    await desk.desk.submit(who, intent({ symbol, side: 'sell', qty: 5, price: 0.6 }))
    expect(await holding(desk, who, 'netted', 'USD')).toMatchObject({ locked_qty_1e8: 2n * UNIT })
  })

  test('tokens cannot be sold short', async () => {
    const desk = await start()
    desk.book('tokens', 'will-it-rain', [[0.42, 100]], [[0.44, 100]])
    const graph = await desk.desk.submit(
      who,
      intent({ symbol: 'will-it-rain', side: 'sell', price: 0.42 }),
    )
    expect(graph.nodes[0]?.failure_reason).toBe('INSUFFICIENT_BALANCE')
  })

  test('a token and its slug are one holding, by address too', async () => {
    const desk = await start()
    desk.book('tokens', 'will-it-rain', [[0.42, 100]], [[0.44, 100]])
    await desk.desk.configure(
      who,
      [{ venue: 'tokens', kind: 'event_contract', symbol: '2'.repeat(40), qty_1e8: 3n * UNIT }],
      false,
    )
    await desk.desk.submit(
      who,
      intent({ symbol: 'https://polymarket.com/event/rain/will-it-rain?x=1', qty: 1, price: 0.44 }),
    )
    await desk.desk.submit(who, intent({ symbol: 'will-it-rain:no', side: 'sell', qty: 3 }))
    const rows = await desk.desk.positions(who, {
      venues: ['tokens'],
      kinds: ['event_contract'],
      include_closed: true,
    })
    expect(rows.map(({ instrument, qty_1e8 }) => [instrument.symbol, qty_1e8])).toEqual([
      ['2'.repeat(40), 0n],
      ['will-it-rain:YES', UNIT],
    ])
  })

  test('a market that resolves pays netted holders at once and refuses orders after', async () => {
    const desk = await start()
    desk.book('netted', symbol, [[0.42, 100]], [[0.44, 100]])
    await desk.desk.submit(who, intent({ symbol, qty: 5, price: 0.44 }))
    const rest = await desk.desk.submit(who, intent({ symbol, qty: 5, price: 0.4 }))
    const before = await holding(desk, who, 'netted', 'USD')
    await expect(desk.desk.redeem(who, 'netted', symbol)).rejects.toMatchObject({
      code: 'conflict',
    })
    await desk.desk.resolveMarket('netted', symbol, USD)
    expect(desk.desk.resolution('netted', symbol)).toBe(USD)
    expect(await holding(desk, who, 'netted', `${symbol}:YES`)).toMatchObject({
      lifecycle: { state: 'redeemed' },
      settled: true,
      settled_mark_usd_1e9: USD,
    })
    const after = await holding(desk, who, 'netted', 'USD')
    expect(after?.qty_1e8).toBe((before?.qty_1e8 ?? 0n) + 5n * UNIT)
    expect(after?.locked_qty_1e8).toBe(0n)
    expect((await desk.desk.order(who, rest.nodes[0]?.node_order_id ?? ''))?.status).toBe(
      'CANCELLED',
    )
    expect(await desk.desk.redeem(who, 'netted', symbol)).toMatchObject({
      mode: 'auto_settled',
      redeemed_qty_1e8: 5n * UNIT,
      payout_usd_1e9: 5n * USD,
    })
    const late = await desk.desk.submit(who, intent({ symbol, price: 0.4 }))
    expect(late.nodes[0]?.status).toBe('REJECTED')
  })

  test('token holders redeem, once', async () => {
    const desk = await start()
    desk.book('tokens', 'will-it-rain', [[0.42, 100]], [[0.44, 100]])
    await desk.desk.submit(who, intent({ symbol: 'will-it-rain:no', qty: 5 }))
    await desk.desk.resolveMarket('tokens', 'will-it-rain', 0n)
    expect(await holding(desk, who, 'tokens', 'will-it-rain:NO')).toMatchObject({
      lifecycle: { state: 'resolved' },
      current_price_usd_1e9: USD,
    })
    expect(await desk.desk.redeem(who, 'tokens', 'will-it-rain')).toMatchObject({
      mode: 'relayer_submitted',
      redeemed_qty_1e8: 5n * UNIT,
      payout_usd_1e9: 5n * USD,
    })
    await expect(desk.desk.redeem(who, 'tokens', 'will-it-rain')).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('perps', () => {
  const symbol = 'BTC-USD-PERP'
  test('go short, hold margin, and realize what a reduction earns', async () => {
    const desk = await start()
    desk.book('perps', symbol, [[100, 10]], [[101, 10]])
    await desk.desk.submit(who, intent({ symbol, side: 'sell', qty: 2 }))
    expect(await holding(desk, who, 'perps', symbol)).toMatchObject({
      qty_1e8: -2n * UNIT,
      entry_price_usd_1e9: 100n * USD,
      unrealized_pnl_usd_1e9: -1n * USD,
    })
    expect(await holding(desk, who, 'perps', 'USDC')).toMatchObject({ locked_qty_1e8: 20n * UNIT })
    desk.book('perps', symbol, [[89, 10]], [[90, 10]])
    await desk.desk.submit(who, intent({ symbol, qty: 3 }))
    expect(await holding(desk, who, 'perps', symbol)).toMatchObject({
      qty_1e8: UNIT,
      entry_price_usd_1e9: 90n * USD,
      realized_pnl_usd_1e9: 20n * USD,
    })
    expect(await holding(desk, who, 'perps', 'USDC')).toMatchObject({ locked_qty_1e8: 9n * UNIT })
  })

  test('a reduce-only order never turns the position', async () => {
    const desk = await start()
    desk.book('perps', symbol, [[100, 10]], [[101, 10]])
    await desk.desk.submit(who, intent({ symbol, qty: 1 }))
    await desk.desk.submit(who, intent({ symbol, side: 'sell', qty: 5, reduce_only: true }))
    expect(await holding(desk, who, 'perps', symbol)).toMatchObject({
      qty_1e8: 0n,
      lifecycle: { state: 'closed' },
    })
    const flat = await desk.desk.submit(who, intent({ symbol, side: 'sell', reduce_only: true }))
    expect(flat.nodes[0]).toMatchObject({
      status: 'REJECTED',
      failure_message: 'there is no position to reduce',
    })
  })
})

describe('graph ids', () => {
  test('the same id and order gets the same answer and places nothing', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 5]])
    const order = intent({ graph_id: 'mine', qty: 1 })
    const [first, again] = await Promise.all([
      desk.desk.submit(who, order),
      desk.desk.submit(who, order),
    ])
    expect(again).toEqual(first)
    expect(await desk.desk.submit(who, order)).toEqual(first)
    expect(await desk.desk.orders(who, { limit: 10 })).toHaveLength(1)
    await expect(desk.desk.submit(who, intent({ graph_id: 'mine', qty: 2 }))).rejects.toMatchObject(
      { code: 'conflict' },
    )
    expect((await desk.desk.submit(tester('other'), order)).graph_id).toBe('mine')
  })

  test('are of a length a database can index', async () => {
    const desk = await start()
    for (const graph_id of ['', 'x'.repeat(201), 'a\u0000b']) {
      await expect(desk.desk.submit(who, intent({ graph_id }))).rejects.toMatchObject({
        code: 'invalid',
      })
    }
  })
})

test('the kill switch cancels what works and stops what comes', async () => {
  const desk = await start()
  desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 5]])
  const graph = await desk.desk.submit(who, intent({ price: 98 }))
  expect(await desk.desk.killSwitch(who, true)).toEqual({ enabled: true })
  expect((await desk.desk.order(who, graph.nodes[0]?.node_order_id ?? ''))?.status).toBe(
    'CANCELLED',
  )
  await expect(desk.desk.submit(who, intent({}))).rejects.toMatchObject({ code: 'kill-switch' })
  await desk.desk.killSwitch(who, false)
  expect((await desk.desk.submit(who, intent({}))).status).toBe('ACCEPTED')
})

test('a preview routes without placing and names the guards that fail', async () => {
  const desk = await start()
  desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
  const preview = await desk.desk.preview(who, intent({ qty: 2 }))
  expect(preview).toMatchObject({
    est_avg_px_1e9: 100n * USD,
    est_fee_usd_1e9: USD / 5n,
    unfilled_qty_1e8: UNIT,
    guards: [],
  })
  expect(await desk.desk.orders(who, { limit: 10 })).toEqual([])
  const refused = await desk.desk.preview(who, intent({ symbol: 'NO-SUCH' }))
  expect(refused.guards).toEqual([{ code: 'INVALID_PARAMS', message: 'unknown symbol NO-SUCH' }])
})

test('a reset cancels open orders, wipes rows and seeds anew', async () => {
  const desk = await start()
  desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 5]])
  await desk.desk.submit(who, intent({}))
  const graph = await desk.desk.submit(who, intent({ price: 98 }))
  await desk.desk.putSettings(who, 100_000n * USD)
  expect(await desk.desk.reset(who)).toEqual({
    initial_balance_usd_1e9: 100_000n * USD,
    venues_seeded: 5,
  })
  expect(await desk.desk.order(who, graph.nodes[0]?.node_order_id ?? '')).toMatchObject({
    status: 'CANCELLED',
    failure_reason: 'SANDBOX_RESET',
  })
  const rows = await desk.desk.positions(who, { venues: null, kinds: null, include_closed: true })
  expect(rows).toHaveLength(6)
  expect(rows.every((row) => row.qty_1e8 === 100_000n * UNIT && row.locked_qty_1e8 === 0n)).toBe(
    true,
  )
  expect(await desk.desk.fills(who, { limit: 10 })).toHaveLength(1)
})

test('a live order without a connection is refused as such, and never touches paper rows', async () => {
  const desk = await start({
    desk: {
      pull: async (venue) =>
        venue === 'alpha'
          ? {
              balances: [{ asset: 'USD', total_1e8: 1000n * UNIT, reserved_1e8: 0n }],
              positions: [],
            }
          : undefined,
    },
  })
  desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 5]])
  const graph = await desk.desk.submit(liver(), intent({ venue: 'alpha' }))
  expect(graph.nodes[0]).toMatchObject({
    status: 'REJECTED',
    failure_reason: 'EXCHANGE_BUSY',
    failure_message: 'live trading is not connected',
  })
  expect(await holding(desk, liver(), 'alpha', 'USD')).toMatchObject({
    qty_1e8: 1000n * UNIT,
    locked_qty_1e8: 0n,
  })
  expect(await desk.desk.orders(who, { limit: 10 })).toEqual([])
})

test('a live key may send one order to the sandbox, and reads it by its id', async () => {
  const desk = await start()
  desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 5]])
  const graph = await desk.desk.submit(liver(), intent({ is_sandbox: true }))
  expect(graph).toMatchObject({ is_sandbox: true, nodes: [{ status: 'FILLED' }] })
  const id = graph.nodes[0]?.node_order_id ?? ''
  expect((await desk.desk.order(liver(), id))?.is_sandbox).toBe(true)
  expect(await desk.desk.orders(liver(), { limit: 10 })).toEqual([])
  expect(await holding(desk, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: UNIT })
})

test('streams hear of orders and fills after they are durable', async () => {
  const desk = await start()
  desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 5]])
  const heard: string[] = []
  const stop = desk.desk.subscribe((event) => heard.push(event.type))
  await desk.desk.submit(who, intent({}))
  expect(heard).toEqual(['routing', 'order', 'fill'])
  stop()
  await desk.desk.submit(who, intent({}))
  expect(heard).toHaveLength(3)
})

test('bad amounts of a reset are misuse', async () => {
  const desk = await start()
  for (const amount of [0n, -1n, 9_000_000_001n * USD]) {
    await expect(desk.desk.putSettings(who, amount)).rejects.toBeInstanceOf(DeskError)
  }
})

describe('aggressive chase', () => {
  test('comes back for the rest at fresh books and gives up at the horizon', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    const graph = await desk.desk.submit(
      who,
      intent({ qty: 4, policy: 'aggressive_chase', horizon_ms: 5000 }),
    )
    const id = graph.nodes[0]?.node_order_id ?? ''
    expect(graph.nodes[0]?.status).toBe('PARTIAL')
    await desk.desk.flush()
    for (const [price, filled] of [
      [101, 2n],
      [102, 3n],
    ] as const) {
      desk.book('alpha', 'BTC-USD', [[99, 1]], [[price, 1]])
      desk.clock.advance(1000)
      await desk.desk.flush()
      expect(await desk.desk.order(who, id)).toMatchObject({
        status: 'PARTIAL',
        filled_qty_1e8: filled * UNIT,
      })
    }
    desk.book('alpha', 'BTC-USD', [[99, 1]], [])
    for (let second = 0; second < 4; second++) {
      desk.clock.advance(1000)
      await desk.desk.flush()
      await new Promise((resolve) => setImmediate(resolve))
    }
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[103, 5]])
    desk.clock.advance(1000)
    await desk.desk.flush()
    expect(await desk.desk.order(who, id)).toMatchObject({
      status: 'PARTIAL',
      filled_qty_1e8: 3n * UNIT,
    })
    await expect(desk.desk.cancel(who, id)).rejects.toMatchObject({ code: 'conflict' })
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
  })

  test('ends when it is whole, and when it is cancelled between two attempts', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[100, 1]])
    const whole = await desk.desk.submit(who, intent({ qty: 1, policy: 'aggressive_chase' }))
    expect(whole.nodes[0]?.status).toBe('FILLED')
    desk.book('alpha', 'BTC-USD', [[99, 1]], [[101, 1]])
    const part = await desk.desk.submit(who, intent({ qty: 2, policy: 'aggressive_chase' }))
    expect((await desk.desk.cancel(who, part.graph_id)).status).toBe('PARTIAL')
  })
})

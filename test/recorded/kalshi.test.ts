/**
 * Kalshi against what Kalshi said: our answers have the recorded keys, types and formats. Two ages of
 * recordings: January 2026 (the cents era, `era: 'legacy'`) and June 2026 (today's shapes, through ccxt's
 * fixtures). Each difference is listed with its reason, and each listed one is really needed.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { kalshiLab, type Lab, order, price, TICKER, usd } from '../support/kalshi.js'
import { differences, type Exception, unusedExceptions } from '../support/structure.js'

const folder = resolve(import.meta.dirname, '../../../shared/data/payloads/kalshi/recorded')

function recorded(name: string): unknown {
  const path = resolve(folder, 'kalshi-starter', name)
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return (JSON.parse(text) as { response: unknown }).response
}

function fixture(method: string): unknown {
  const text = readFileSync(resolve(folder, 'ccxt/response_kalshi.json'), 'utf8')
  const { methods } = JSON.parse(text) as {
    methods: Record<string, { httpResponse: unknown }[]>
  }
  return methods[method]?.[0]?.httpResponse
}

function alike(ours: unknown, theirs: unknown, exceptions: Exception[] = []): void {
  expect(differences(ours, theirs, { exceptions })).toEqual([])
  expect(unusedExceptions(ours, theirs, { exceptions })).toEqual([])
}

const because = (reason: string, ...paths: string[]): Exception[] =>
  paths.map((path) => ({ path, reason }))

/** A member with a fill, a resting order and a history of a few minutes. */
async function scene(switches: Record<string, string> = {}) {
  const lab = kalshiLab({ switches })
  lab.clock.advance(1.234)
  const alice = lab.account('alice')
  lab.bookB()
  lab.mock.admin.print(TICKER, { price_1e9: price(0.43), qty_1e8: usd(2), taker_side: 'buy' })
  lab.clock.advance(61_000)
  lab.bookB()
  const legacy = switches.era === 'legacy'
  const path = legacy ? '/portfolio/orders' : '/portfolio/events/orders'
  const old = { ticker: TICKER, side: 'yes', action: 'buy', count: 5, yes_price: 44 }
  await lab.ask(alice, 'POST', path, legacy ? old : order({ count: '5' }))
  lab.clock.advance(61_000)
  const read = async (at: string) => (await lab.ask(alice, 'GET', at)).body
  const write = async (method: string, at: string, body?: object) =>
    (await lab.ask(alice, method, at, body)).body
  return { lab, read, write }
}

const candlesPath = (lab: Lab) => {
  const now = Math.floor(lab.clock.now_ms() / 1_000)
  return `/series/KXTEST/markets/${TICKER}/candlesticks?start_ts=${now - 600}&end_ts=${now}&period_interval=1`
}

describe('June 2026', () => {
  const gone = (...keys: string[]) =>
    because('gone since July 2026', ...keys.map((key) => `$.market.${key}`))

  test('a market', async () => {
    const { read } = await scene()
    alike(await read(`/markets/${TICKER}`), fixture('fetchTicker'), [
      ...gone('fractional_trading_enabled', 'response_price_units'),
      ...because(
        'optional; this market closes early for no condition',
        '$.market.early_close_condition',
      ),
      ...because('the fixture keeps numbers as texts', '$.market.settlement_timer_seconds'),
      ...because(
        'a time whose fraction happens to be zero',
        '$.market.created_time',
        '$.market.updated_time',
      ),
      ...because(
        'in the client model of autumn 2026',
        '$.market.exchange_index',
        '$.market.floor_strike',
        '$.market.strike_type',
        '$.market.subtitle',
      ),
    ])
  })

  test('an order book', async () => {
    const { read } = await scene()
    alike(await read(`/markets/${TICKER}/orderbook`), fixture('fetchOrderBook'))
  })

  test('trades', async () => {
    const { read } = await scene()
    alike(await read('/markets/trades?limit=1'), fixture('fetchTrades'))
  })

  test('candlesticks', async () => {
    const { lab, read } = await scene()
    alike(await read(candlesPath(lab)), fixture('fetchOHLCV'), [
      ...because('the fixture keeps numbers as texts', '$.candlesticks[].end_period_ts'),
      ...because('no trade in the recorded period', '$.candlesticks[].price.**'),
    ])
  })
})

describe('January 2026', () => {
  const legacy = { era: 'legacy' }

  test('a market', async () => {
    const { read } = await scene(legacy)
    alike(await read(`/markets/${TICKER}`), recorded('market_single_response.json'), [
      ...because(
        'of combos only',
        '$.market.custom_strike',
        '$.market.mve_collection_ticker',
        '$.market.mve_selected_legs',
      ),
      ...because('a strike of a plain market', '$.market.floor_strike'),
      ...because('added after the recording', '$.market.updated_time'),
      ...because('a fraction the clock happens to have', '$.market.created_time'),
      ...because('a market opened at a whole second', '$.market.open_time'),
    ])
  })

  test('markets, events and series', async () => {
    const { read } = await scene(legacy)
    const list = recorded('markets_list_response.json')
    const { markets, cursor } = (await read('/markets?limit=1')) as {
      markets: unknown
      cursor: unknown
    }
    expect(typeof cursor).toBe('string')
    expect(differences(markets, (list as { markets: unknown }).markets).length).toBeGreaterThan(0)
    alike(await read('/events'), recorded('events_list_response.json'), [
      ...because('gone from the model since August 2026', '$.events[].available_on_brokers'),
      ...because(
        'added after the recording',
        '$.events[].settlement_sources',
        '$.events[].last_updated_ts',
        '$.events[].exchange_index',
      ),
      ...because('milestones are out of scope', '$.milestones'),
    ])
    alike(await read('/series'), recorded('series_list_response.json.gz'), [
      ...because(
        'added after the recording',
        '$.series[].categories',
        '$.series[].last_updated_ts',
        '$.series[].exchange_index',
      ),
    ])
  })

  test('exchange status and schedule', async () => {
    const { read } = await scene(legacy)
    alike(await read('/exchange/status'), recorded('exchange_status_response.json'), [
      ...because(
        'added with the shards',
        '$.exchange_index_statuses',
        '$.intra_exchange_transfers_active',
      ),
    ])
    alike(await read('/exchange/schedule'), recorded('exchange_schedule_response.json'))
    alike(await read('/series/fee_changes'), recorded('series_fee_changes_response.json'))
    alike(await read('/events/KXTEST-99DEC31/metadata'), recorded('event_metadata_response.json'))
  })

  test('an empty book has null sides', async () => {
    const { read } = await scene(legacy)
    alike(await read('/markets/KXTEST-99DEC31-T70/orderbook'), recorded('orderbook_response.json'))
  })

  test('trades and candlesticks', async () => {
    const { lab, read } = await scene(legacy)
    alike(await read('/markets/trades?limit=1'), recorded('trades_list_response.json'))
    const { candlesticks } = (await read(candlesPath(lab))) as {
      candlesticks: { volume: number }[]
    }
    const theirs = recorded('series_candlesticks_response.json.gz') as {
      candlesticks: { volume: number }[]
    }
    const traded = (all: { volume: number }[]) => all.filter(({ volume }) => volume > 0).slice(-1)
    alike(traded(candlesticks), traded(theirs.candlesticks))
  })

  test('orders', async () => {
    const { read, write } = await scene(legacy)
    const costs = because(
      'a week later zero costs went out as an empty text',
      '$.order.maker_fill_cost_dollars',
      '$.order.taker_fill_cost_dollars',
    )
    const old = { ticker: TICKER, side: 'yes', action: 'buy', count: 2, yes_price: 30 }
    const made = await write('POST', '/portfolio/orders', { ...old, client_order_id: 'one' })
    const id = because('a client order id of the caller', '$.order.client_order_id')
    alike(made, recorded('create_order_response.json'), [...costs, ...id])
    const { order_id } = made.order as { order_id: string }
    alike(
      await read(`/portfolio/orders/${order_id}`),
      recorded('portfolio_order_single_response.json'),
      [...costs, ...id],
    )
    alike(
      await write('POST', `/portfolio/orders/${order_id}/decrease`, { reduce_by: 1 }),
      recorded('decrease_order_response.json'),
      [...costs, ...id],
    )
    alike(
      await write('DELETE', `/portfolio/orders/${order_id}`),
      recorded('cancel_order_response.json'),
      [...costs, ...id],
    )
    alike(
      await read('/portfolio/orders?status=executed'),
      recorded('portfolio_orders_response.json'),
      [
        ...because(
          'a week later zero costs went out as an empty text',
          '$.orders[].maker_fill_cost_dollars',
        ),
        ...because('the venue makes one up here', '$.orders[].client_order_id'),
      ],
    )
  })

  test('portfolio', async () => {
    const { read } = await scene(legacy)
    alike(await read('/portfolio/balance'), recorded('portfolio_balance_response.json'))
    alike(await read('/portfolio/positions'), recorded('portfolio_positions_response.json'))
    alike(await read('/portfolio/fills'), recorded('portfolio_fills_response.json'))
    alike(
      await read('/portfolio/summary/total_resting_order_value'),
      recorded('portfolio_total_resting_order_value_response.json'),
    )
  })

  test('order groups answer with an empty object', async () => {
    const { write } = await scene(legacy)
    const made = await write('POST', '/portfolio/order_groups/create', { contracts_limit: 5 })
    const path = `/portfolio/order_groups/${made.order_group_id}`
    alike(await write('PUT', `${path}/reset`), recorded('order_group_reset_response.json'))
    alike(await write('DELETE', path), recorded('order_group_delete_response.json'))
  })
})

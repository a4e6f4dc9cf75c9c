import { expect, test } from 'vitest'
import { venueExchange } from '../../../src/venue/exchange-port.js'
import { market } from '../../../venues/kalshi/instruments.js'

const EVENT = { ...market('KXTEST-99DEC31-T60'), min_qty_1e8: 0n, min_notional_1e9: 0n }
const symbol = EVENT.venue_symbol

/** An open event market and two accounts with cash. */
function lab(eventNetting: 'net' | 'separate') {
  const port = venueExchange({
    rules: {
      fee: ({ carry_1e8 }) => ({ fee_1e8: 0n, carry_1e8 }),
      feeHold: () => 0n,
      eventNetting,
    },
  })
  port.apply({ type: 'list', ts_us: 1, instrument: EVENT })
  port.apply({
    type: 'market-state',
    ts_us: 1,
    instrument: symbol,
    state: 'open',
    cancel_resting: false,
  })
  const accounts = [1, 2].map((account_id) => {
    port.apply({ type: 'open-account', ts_us: 1, stp_group: null })
    const amount_1e8 = 10n ** 12n
    port.apply({ type: 'transfer', ts_us: 1, account_id, asset: EVENT.quote, amount_1e8 })
    return account_id
  })
  return { port, accounts: accounts as [number, number] }
}

test('YES and NO that are two tokens are two positions', () => {
  const { port, accounts } = lab('separate')
  const [holder] = accounts
  port.apply({ type: 'split', ts_us: 2, account_id: holder, instrument: symbol, qty_lots: 300 })
  const rows = port.positions(holder)
  expect(rows.map(({ instrument, qty_lots }) => ({ instrument, qty_lots }))).toEqual([
    { instrument: symbol, qty_lots: 300 },
    { instrument: symbol, qty_lots: -300 },
  ])
  // One unit of cash went into each pair.
  const spent = rows.reduce((sum, { cost_1e8 }) => sum + cost_1e8, 0n)
  const { total_1e8 } = port.balance(holder, EVENT.quote)
  expect(spent).toBe(10n ** 12n - total_1e8)
  expect(spent).toBeGreaterThan(0n)
})

test('NO tokens alone are a position, and none are none', () => {
  const { port, accounts } = lab('separate')
  const [holder, other] = accounts
  port.apply({ type: 'split', ts_us: 2, account_id: holder, instrument: symbol, qty_lots: 300 })
  const sale = {
    type: 'place',
    ts_us: 3,
    instrument: symbol,
    price_ticks: 4_000,
    qty_lots: 300,
    quote_budget_1e8: null,
    time_in_force: 'gtc',
    expire_ts_us: null,
    post_only: 'no',
    reduce_only: false,
    self_trade: 'cancel-taker',
    fee_in: 'quote',
    margin: 'cross',
  } as const
  port.apply({ ...sale, account_id: holder, side: 'sell' })
  port.apply({ ...sale, account_id: other, side: 'buy' })
  expect(port.positions(holder).filter(({ qty_lots }) => qty_lots !== 0)).toMatchObject([
    { instrument: symbol, qty_lots: -300 },
  ])
  expect(port.positions(other)).toMatchObject([{ qty_lots: 300 }])
  port.check()
})

test('netted positions are one row, NO below zero', () => {
  const { port, accounts } = lab('net')
  const [holder] = accounts
  const entry_ticks = 4_000
  const endow = { type: 'endow', ts_us: 2, account_id: holder, instrument: symbol } as const
  port.apply({ ...endow, qty_lots: -200, entry_ticks })
  expect(port.positions(holder)).toMatchObject([{ instrument: symbol, qty_lots: -200 }])
  expect(port.positions(accounts[1])).toEqual([])
})

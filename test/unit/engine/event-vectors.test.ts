/**
 * Money of event contracts against the worked examples of the Kalshi sheet, section 11.
 */
import { describe, expect, test } from 'vitest'
import type { ExchangeEvent, PlaceCommand } from '../../../src/engine/command.js'
import { kxTest, one, quadraticRules, Stage, USD } from '../../support/engine.js'

const instrument = kxTest.venue_symbol

/** Book B of the sheet: YES bids 0.42x13, 0.41x10; asks 0.44x17, 0.45x20; member with $100. */
function bookB(cash = 100n * USD) {
  const stage = new Stage({ rules: quadraticRules, fok_self_trade: 'as-ioc' }).open(kxTest)
  const others = stage.account({ USD: 1_000n * USD })
  const member = stage.account({ USD: cash })
  const quote = (side: 'buy' | 'sell', price_ticks: number, contracts: number) =>
    stage.place({ account_id: others, instrument, side, price_ticks, qty_lots: contracts * 100 })
  return { stage, others, member, quote, cash }
}

function withBook(cash?: bigint) {
  const setting = bookB(cash)
  setting.quote('buy', 42, 13)
  setting.quote('buy', 41, 10)
  setting.quote('sell', 44, 17)
  setting.quote('sell', 45, 20)
  return setting
}

type Terms = Partial<PlaceCommand> & { side: 'buy' | 'sell'; price_ticks: number; qty_lots: number }

function act(
  setting: ReturnType<typeof bookB>,
  terms: Terms,
): { events: readonly ExchangeEvent[]; change: bigint } {
  const { stage, member } = setting
  const before = stage.balance(member, 'USD')
  const events = stage.place({ account_id: member, instrument, ...terms })
  return { events, change: stage.balance(member, 'USD') - before }
}

/** Dollars with four decimals as `_1e8`. */
const dollars = (text: string) => BigInt(Math.round(Number(text) * 10_000)) * 10_000n

describe('vectors of the sheet', () => {
  test('1 an IOC bid fills at the ask', () => {
    const { change } = act(withBook(), {
      side: 'buy',
      price_ticks: 44,
      qty_lots: 1_000,
      time_in_force: 'ioc',
    })
    expect(change).toBe(dollars('-4.5725'))
  })
  test('2 a bid walks two levels', () => {
    const { change, events } = act(withBook(), { side: 'buy', price_ticks: 45, qty_lots: 2_000 })
    expect(change).toBe(dollars('-9.1753'))
    expect(events.filter((e) => e.type === 'trade')).toHaveLength(2)
  })
  test('3 the rest of a bid is committed but not paid', () => {
    const setting = withBook()
    const { change, events } = act(setting, { side: 'buy', price_ticks: 44, qty_lots: 2_000 })
    expect(change).toBe(dollars('-7.7733'))
    expect(one(events, 'rested').remaining_lots).toBe(300)
    expect(setting.stage.exchange.balance(setting.member, 'USD').reserved_1e8).toBe(dollars('1.32'))
    expect(setting.stage.exchange.l1(instrument).bid).toMatchObject({
      price_ticks: 44,
      qty_lots: 300,
    })
  })
  test('4 a post-only bid that would cross ends without a trade', () => {
    const { events, change } = act(withBook(), {
      side: 'buy',
      price_ticks: 44,
      qty_lots: 500,
      post_only: 'reject',
    })
    expect(one(events, 'done').reason).toBe('would-cross')
    expect(change).toBe(0n)
  })
  test('5 a post-only bid rests and is filled as maker without a fee', () => {
    const setting = withBook()
    act(setting, { side: 'buy', price_ticks: 43, qty_lots: 500, post_only: 'reject' })
    setting.quote('sell', 43, 5)
    expect(setting.stage.balance(setting.member, 'USD')).toBe(100n * USD - dollars('2.15'))
  })
  test('6 an unfillable FOK trades nothing', () => {
    const { events, change } = act(withBook(), {
      side: 'buy',
      price_ticks: 44,
      qty_lots: 1_800,
      time_in_force: 'fok',
    })
    expect(one(events, 'done')).toMatchObject({ reason: 'fok-unfilled', cancelled_lots: 1_800 })
    expect(change).toBe(0n)
  })
  test('7 a FOK fills across levels', () => {
    const { change } = act(withBook(), {
      side: 'buy',
      price_ticks: 45,
      qty_lots: 1_800,
      time_in_force: 'fok',
    })
    expect(change).toBe(dollars('-8.2407'))
  })
  test('8 an IOC inside the spread is cancelled', () => {
    const { events } = act(withBook(), {
      side: 'buy',
      price_ticks: 43,
      qty_lots: 500,
      time_in_force: 'ioc',
    })
    expect(one(events, 'done')).toMatchObject({ reason: 'ioc-unfilled', filled_lots: 0 })
  })
  test('9 an ask from flat opens NO', () => {
    const setting = withBook()
    const { change } = act(setting, {
      side: 'sell',
      price_ticks: 42,
      qty_lots: 400,
      time_in_force: 'ioc',
    })
    expect(change).toBe(dollars('-2.3883'))
    expect(setting.stage.exchange.position(setting.member, instrument).qty_lots).toBe(-400)
  })
  test.each([
    ['10 closes what is held', 1_000, 1_000, '4.0294', 0],
    ['11 closes, then opens NO', 400, 1_000, '-1.9706', -600],
  ])('%s', (_, held, qty_lots, change, position) => {
    const setting = withBook()
    setting.stage.do({
      type: 'endow',
      account_id: setting.member,
      instrument,
      qty_lots: held,
      entry_ticks: 44,
    })
    const acted = act(setting, { side: 'sell', price_ticks: 42, qty_lots, time_in_force: 'ioc' })
    expect(acted.change).toBe(dollars(change))
    expect(setting.stage.exchange.position(setting.member, instrument).qty_lots).toBe(position)
  })
  test('12 reduce-only is capped to the position', () => {
    const setting = withBook()
    setting.stage.do({
      type: 'endow',
      account_id: setting.member,
      instrument,
      qty_lots: 400,
      entry_ticks: 44,
    })
    const { change, events } = act(setting, {
      side: 'sell',
      price_ticks: 42,
      qty_lots: 1_000,
      time_in_force: 'ioc',
      reduce_only: true,
    })
    expect(change).toBe(dollars('1.6117'))
    expect(one(events, 'accepted').qty_lots).toBe(1_000)
    const [, done] = events.filter((e) => e.type === 'done')
    expect(done ?? one(events, 'done')).toMatchObject({
      reason: 'not-reducing',
      filled_lots: 400,
      cancelled_lots: 600,
    })
  })
  test('14 a bid beyond the balance is refused', () => {
    const { events } = act(withBook(1n * USD), { side: 'buy', price_ticks: 44, qty_lots: 1_000 })
    expect(one(events, 'rejected')).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: dollars('4.5725'),
      free_1e8: dollars('1'),
    })
  })
  test('16 the taker gives way to its own first order', () => {
    const setting = bookB()
    act(setting, { side: 'sell', price_ticks: 44, qty_lots: 500 })
    setting.quote('sell', 44, 17)
    const { events, change } = act(setting, { side: 'buy', price_ticks: 44, qty_lots: 1_000 })
    expect(one(events, 'done')).toMatchObject({ reason: 'self-trade', filled_lots: 0 })
    expect(change).toBe(0n)
    expect(setting.stage.exchange.openOrders(setting.member)).toHaveLength(1)
  })
  test('17 fills before the own order stand', () => {
    const setting = bookB()
    setting.quote('sell', 44, 17)
    act(setting, { side: 'sell', price_ticks: 45, qty_lots: 500 })
    const { events, change } = act(setting, { side: 'buy', price_ticks: 45, qty_lots: 2_000 })
    expect(change).toBe(dollars('-7.7733'))
    expect(events.filter((e) => e.type === 'done').at(-1)).toMatchObject({
      reason: 'self-trade',
      filled_lots: 1_700,
    })
  })
  test('18 the maker gives way and matching goes on', () => {
    const setting = bookB()
    act(setting, { side: 'sell', price_ticks: 44, qty_lots: 500 })
    setting.quote('sell', 44, 17)
    const { change } = act(setting, {
      side: 'buy',
      price_ticks: 44,
      qty_lots: 1_000,
      time_in_force: 'ioc',
      self_trade: 'cancel-maker',
    })
    expect(change).toBe(dollars('-4.5725'))
  })
  test('20 a settlement pays the net position', () => {
    for (const [yes_value_ticks, paid] of [
      [100, '17'],
      [0, '0'],
    ] as const) {
      const setting = withBook()
      act(setting, { side: 'buy', price_ticks: 44, qty_lots: 1_700 })
      const before = setting.stage.balance(setting.member, 'USD')
      setting.stage.do({ type: 'determine', instrument, yes_value_ticks })
      setting.stage.do({ type: 'settle', instrument, payout: 'auto' })
      expect(setting.stage.balance(setting.member, 'USD') - before).toBe(dollars(paid))
    }
  })
})

/**
 * Numbers and names that only a mistaken host sends: thrown at once, in words, before anything changes.
 */
import { describe, expect, test } from 'vitest'
import type { Command } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { btcUsd, freeRules, kxTest, order, Stage, USD } from '../../support/engine.js'

const MOST = Number.MAX_SAFE_INTEGER
const perp: Instrument = { ...btcUsd, venue_symbol: 'PERP', kind: 'perp', leverage_max: 10 }
const event = kxTest.venue_symbol
const spot = btcUsd.venue_symbol

function scene() {
  const rules = { ...freeRules, eventNetting: 'separate' as const }
  const stage = new Stage({ rules }).open(btcUsd).open(kxTest).open(perp)
  const account_id = stage.account({ USD: 1_000n * USD })
  return { stage, account_id }
}

type Sent = Parameters<Stage['do']>[0]
const bad: [string, Sent, RegExp][] = [
  [
    'a collar whose top is no tick',
    { type: 'price-collar', instrument: spot, low_ticks: null, high_ticks: 0.5 },
    /high_ticks is 0\.5/,
  ],
  [
    'half a lot to merge',
    { type: 'merge', account_id: 1, instrument: event, qty_lots: 0.5 },
    /qty_lots is 0\.5/,
  ],
  [
    'half a lot to split',
    { type: 'split', account_id: 1, instrument: event, qty_lots: 0.5 },
    /qty_lots is 0\.5/,
  ],
  [
    'a mark between ticks',
    { type: 'mark', instrument: 'PERP', mark_ticks: 1.5, oracle_ticks: 1 },
    /mark_ticks is 1\.5/,
  ],
  [
    'an oracle price between ticks',
    { type: 'mark', instrument: 'PERP', mark_ticks: 1, oracle_ticks: 1.5 },
    /oracle_ticks is 1\.5/,
  ],
  [
    'a cap of half a lot',
    { type: 'open-interest-cap', instrument: 'PERP', cap_lots: 0.5 },
    /cap_lots is 0\.5/,
  ],
  [
    'one and a half times leverage',
    { type: 'leverage', account_id: 1, instrument: 'PERP', leverage: 1.5 },
    /leverage is 1\.5/,
  ],
  [
    'half a tick as the result',
    { type: 'determine', instrument: event, yes_value_ticks: 0.5 },
    /yes_value_ticks is 0\.5/,
  ],
  [
    'half a lot as a position',
    { type: 'endow', account_id: 1, instrument: event, qty_lots: -0.5, entry_ticks: 1 },
    /qty_lots is 0\.5/,
  ],
  [
    'an entry between ticks',
    { type: 'endow', account_id: 1, instrument: event, qty_lots: 1, entry_ticks: 0.5 },
    /entry_ticks is 0\.5/,
  ],
]
for (const sent of [
  { type: 'market-state', state: 'open', cancel_resting: false },
  { type: 'price-grid', price_bands: [] },
  { type: 'price-collar', low_ticks: 1, high_ticks: 2 },
  { type: 'endow', account_id: 1, qty_lots: 1, entry_ticks: 1 },
  { type: 'determine', yes_value_ticks: 1 },
  { type: 'settle', payout: 'auto' },
  { type: 'redeem', account_id: 1 },
  { type: 'split', account_id: 1, qty_lots: 1 },
  { type: 'merge', account_id: 1, qty_lots: 1 },
  { type: 'mark', mark_ticks: 1, oracle_ticks: 1 },
  { type: 'funding', rate_1e9: 1n },
  { type: 'open-interest-cap', cap_lots: 1 },
  { type: 'leverage', account_id: 1, leverage: 1 },
] as const) {
  bad.push([
    `${sent.type} of a market nobody listed`,
    { ...sent, instrument: 'NOBODY' },
    /no instrument is listed as NOBODY/,
  ])
}

bad.push([
  'an endowment of the venue, the other side of every one',
  { type: 'endow', account_id: 0, instrument: event, qty_lots: 1, entry_ticks: 50 },
  /account 0 is the venue/,
])

/** What an act throws, which must be a RangeError and leave every byte as it was. */
function refused(stage: Stage, act: () => unknown): string {
  const before = stage.exchange.snapshot()
  let thrown: unknown
  try {
    act()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(RangeError)
  expect(stage.exchange.snapshot()).toEqual(before)
  return String(thrown)
}

describe('thrown in words, and nothing has changed', () => {
  test.each(bad)('%s', (_, command, words) => {
    const { stage } = scene()
    expect(refused(stage, () => stage.do(command))).toMatch(words)
  })
})

describe('a market counts no further than 2^53 - 1 lots', () => {
  const free: Instrument = {
    ...btcUsd,
    venue_symbol: 'FREE',
    lot_size_1e8: 1n,
    tick_size_1e9: 1n,
    min_qty_1e8: 0n,
    min_notional_1e9: 0n,
  }
  const filled = (qty_lots: number) => {
    const stage = new Stage({ rules: freeRules }).open(free)
    const account_id = stage.account({ USD: 10n ** 20n })
    const bid = (lots: number) =>
      stage.place({ account_id, instrument: 'FREE', price_ticks: 1, qty_lots: lots })
    const amend = (remaining_lots: number) =>
      stage.do({ type: 'amend', account_id, order_id: 1, price_ticks: 1, remaining_lots })
    expect(bid(qty_lots)[0]?.type).toBe('accepted')
    return { stage, bid, amend }
  }

  test('in orders: the last lot fits, one more does not', () => {
    const { stage, bid } = filled(MOST - 1)
    expect(refused(stage, () => bid(2))).toMatch(/more lots would take FREE/)
    expect(bid(1)[0]?.type).toBe('accepted')
    expect(refused(stage, () => bid(1))).toMatch(/more lots would take FREE/)
  })
  test('nor by an amend, while less or as much may always be asked for', () => {
    const { stage, bid, amend } = filled(MOST - 5)
    bid(5)
    expect(refused(stage, () => amend(MOST - 4))).toMatch(/1 more lots would take FREE/)
    expect(amend(MOST - 5)[0]?.type).toBe('amended')
    expect(amend(MOST - 6)[0]?.type).toBe('amended')
    expect(amend(MOST - 5)[0]?.type).toBe('amended')
  })
  test('and positions count as well', () => {
    const { stage, account_id } = scene()
    const endowed: Command = {
      type: 'endow',
      ts_us: stage.exchange.ts_us,
      account_id,
      instrument: 'PERP',
      qty_lots: (MOST - 1) / 2,
      entry_ticks: 0,
    }
    stage.exchange.apply(endowed)
    const bid = (qty_lots: number) => () =>
      stage.do({
        type: 'place',
        ...order({ account_id, instrument: 'PERP', price_ticks: 1, qty_lots }),
      })
    expect(refused(stage, bid(2))).toMatch(/2 more lots would take PERP/)
    expect(bid(1)()[0]?.type).toBe('rejected')
  })
})

test('an amend of an order nobody placed is refused to its trader, whatever its size', () => {
  const { stage, account_id } = scene()
  const events = stage.do({
    type: 'amend',
    account_id,
    order_id: 99,
    price_ticks: 1,
    remaining_lots: MOST,
  })
  expect(events[0]).toMatchObject({ type: 'rejected', code: 'unknown-order' })
})

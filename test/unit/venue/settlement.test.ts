/** Trades that were matched and told, and then fail to settle. */
import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../../src/engine/instrument.js'
import { venueExchange } from '../../../src/venue/exchange-port.js'
import { type HostOptions, VenueHost } from '../../../src/venue/host.js'
import type { PlaceInput } from '../../../src/venue/host-command.js'
import { manualClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { market } from '../../../venues/kalshi/instruments.js'
import { money } from '../../../venues/kraken/fees.js'
import { instruments } from '../../../venues/kraken/instruments.js'

const EVENT = market('KXTEST-99DEC31-T60')
const SPOT = instruments.find(({ venue_symbol }) => venue_symbol === 'XXBTZUSD') as Instrument
const FAILS_AFTER_MS = 1_000
const CASH = 10n ** 13n

function lab(
  instrument: Instrument,
  settles: (trade_id: number) => boolean,
  options: Partial<HostOptions<null>> = {},
) {
  const clock = manualClock()
  const fee_1e8 = 700n
  const asked: number[] = []
  const host = new VenueHost<null>({
    id: 'test',
    world: seededWorld({ seed: 1, clock }),
    exchange: venueExchange({
      rules:
        instrument.kind === 'spot'
          ? money
          : {
              fee: ({ carry_1e8 }) => ({ fee_1e8, carry_1e8 }),
              feeHold: () => fee_1e8,
              eventNetting: 'net',
            },
    }),
    instruments: [instrument],
    orderText: (n) => `order-${n}`,
    fillText: (n) => `fill-${n}`,
    reducer: { initial: () => null, reduce: () => undefined },
    settlement: {
      fails_after_ms: FAILS_AFTER_MS,
      settles: ({ trade_id, venue_symbol }) => {
        expect(venue_symbol).toBe(instrument.venue_symbol)
        asked.push(trade_id)
        return settles(trade_id)
      },
    },
    ...options,
  })
  const account = (label: string): number => {
    const open = { type: 'open-account', label, credentials: {}, key: label, stp_group: null }
    const { account_id } = host.apply(open as Parameters<typeof host.apply>[0])
    if (account_id === null) throw new Error('no account')
    for (const asset of instrument.kind === 'spot'
      ? [instrument.base, instrument.quote]
      : [instrument.quote]) {
      host.apply({ type: 'set-balance', account_id, asset, total_1e8: CASH })
    }
    return account_id
  }
  const place = (account_id: number, rest: Partial<PlaceInput>) =>
    host.place({
      account_id,
      instrument: instrument.venue_symbol,
      side: 'buy',
      price_ticks: 4_000,
      qty_lots: 500,
      quote_budget_1e8: null,
      time_in_force: 'gtc',
      expire_ts_us: null,
      post_only: 'no',
      reduce_only: false,
      self_trade: 'cancel-taker',
      fee_in: 'quote',
      margin: 'cross',
      client_order_id: null,
      data: null,
      ...rest,
    })
  const holdings = (account_id: number) => ({
    balances: host.exchange.balances(account_id).filter(({ total_1e8 }) => total_1e8 !== 0n),
    lots: host.exchange.positions(account_id).map(({ qty_lots }) => qty_lots),
  })
  return { host, clock, asked, account, place, holdings }
}

describe.each([
  ['event contracts', EVENT],
  ['coins', SPOT],
] as const)('%s', (_name, instrument) => {
  test('a trade is told, and undone when its settlement fails', () => {
    const { host, clock, account, asked, place, holdings } = lab(instrument, (n) => n !== 2)
    const [one, two] = [account('one'), account('two')]
    const trade = () => {
      place(one, { side: 'sell' })
      return place(two, { side: 'buy' })
    }
    trade()
    const before = [holdings(one), holdings(two)]
    const told: string[] = []
    host.listen(({ account_events }) => {
      for (const event of account_events) {
        if (event.type === 'fill' || event.type === 'unsettled') {
          told.push(`${event.type} ${event.order.account_id} ${event.fill.failed ?? false}`)
        }
      }
    })
    const { order } = trade()
    expect(told).toEqual([`fill ${one} false`, `fill ${two} false`])
    expect([holdings(one), holdings(two)]).not.toEqual(before)
    clock.advance(FAILS_AFTER_MS - 1)
    expect(told).toHaveLength(2)
    clock.advance(1)
    expect(told.slice(2)).toEqual([`unsettled ${one} true`, `unsettled ${two} true`])
    expect([holdings(one), holdings(two)]).toEqual(before)
    expect(host.records.fills(two).map(({ failed = false }) => failed)).toEqual([false, true])
    // As at a venue that settles later: the order stays matched.
    expect(order).toMatchObject({ status: 'done', reason: 'filled', filled_lots: 500 })
    expect(asked).toEqual([1, 2])
    host.exchange.check()
  })

  test('a client that met the house gets its side back', () => {
    const { host, clock, account, place, holdings } = lab(instrument, () => false)
    const one = account('one')
    const before = holdings(one)
    const { venue_symbol } = instrument
    host.apply({ type: 'depth', venue_symbol, bids: [], asks: [[4_000, 500]] })
    place(one, { side: 'buy' })
    clock.advance(FAILS_AFTER_MS)
    expect(holdings(one).balances).toEqual(before.balances)
    expect(holdings(one).lots.filter((lots) => lots !== 0)).toEqual([])
    host.exchange.check()
  })

  test('a failure that is due survives going back, and bytes', () => {
    const { host, clock, account, place, holdings } = lab(instrument, () => false)
    const [one, two] = [account('one'), account('two')]
    const before = [holdings(one), holdings(two)]
    place(one, { side: 'sell' })
    place(two, { side: 'buy' })
    const [image, bytes] = [host.image(), host.snapshot()]
    expect(image.bytes()).toEqual(bytes)
    for (const from of [image, bytes]) {
      clock.advance(FAILS_AFTER_MS)
      const balances = [holdings(one), holdings(two)].map((held) => held.balances)
      expect(balances).toEqual(before.map((held) => held.balances))
      host.restore(from)
      expect(host.snapshot()).toEqual(bytes)
    }
  })

  test('what a party has no more, the venue bears', () => {
    const { host, clock, account, place } = lab(instrument, () => false)
    const [one, two] = [account('one'), account('two')]
    const { venue_symbol, quote } = instrument
    place(one, { side: 'sell' })
    place(two, { side: 'buy' })
    for (const account_id of [one, two]) {
      host.apply({ type: 'set-balance', account_id, asset: quote, total_1e8: 0n })
    }
    clock.advance(FAILS_AFTER_MS)
    for (const account_id of [one, two]) {
      expect(host.balance(account_id, quote).total_1e8).toBeGreaterThanOrEqual(0n)
    }
    expect(host.marketState(venue_symbol)).toBe('open')
    host.exchange.check()
  })
})

test('resting orders of a party are pulled from the market it gives back', () => {
  const { host, clock, account, place } = lab(EVENT, (n) => n !== 1)
  const [one, two] = [account('one'), account('two')]
  place(one, { side: 'sell' })
  place(two, { side: 'buy' })
  const resting = place(two, { side: 'sell', price_ticks: 6_000 }).order
  expect(resting?.status).toBe('open')
  clock.advance(FAILS_AFTER_MS)
  expect(resting).toMatchObject({ status: 'done', reason: 'cancelled' })
  host.exchange.check()
})

test('a replay of the journal asks nobody', async () => {
  const lines: string[] = []
  const journal = {
    append: async (more: readonly string[]) => void lines.push(...more),
    snapshot: async () => undefined,
    load: async () => ({ snapshot: null, lines: [] as readonly string[] }),
  }
  const first = lab(EVENT, () => false, { journal })
  await first.host.recover()
  const [one, two] = [first.account('one'), first.account('two')]
  first.place(one, { side: 'sell' })
  first.place(two, { side: 'buy' })
  first.clock.advance(FAILS_AFTER_MS)
  const again = lab(EVENT, () => true, {
    journal: {
      ...journal,
      append: async () => undefined,
      load: async () => ({ snapshot: null, lines }),
    },
  })
  await again.host.recover()
  expect(again.asked).toEqual([])
  expect(again.host.snapshot()).toEqual(first.host.snapshot())
})

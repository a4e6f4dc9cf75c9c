/**
 * Recorded books: a sandbox order fills at exactly the levels the recording showed at that moment. The
 * levels are recomputed from the raw file by `raw-books.ts`, which shares no code with the player.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { off } from '../../src/adversary/profile.js'
import { createSimEdge } from '../../src/edge/sim.js'
import type { Instrument } from '../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import { MarketHub } from '../../src/market/market-hub.js'
import { openRecording } from '../../src/market/recorded/recording.js'
import { manualClock } from '../../src/world/clock.js'
import { seededStream } from '../../src/world/prng.js'
import { seededWorld } from '../../src/world/seeded.js'
import { simVenue } from '../support/sim-world.js'
import { best, booksAt, rawMessages, scaled, walk } from './raw-books.js'

const folder = join(import.meta.dirname, '../../../shared/data/orderbook')
const files = {
  spot: 'binance/hftbacktest/spot_btcusdt_20240808.gz',
  futures: 'binance/hftbacktest/usdm_btcusdt_20240808.gz',
  kraken: 'kraken/cryptofeed/KRAKEN.ws.50.0.gz',
  coinbase: 'coinbase/cryptofeed/COINBASE.ws.28.0.gz',
  bitget: 'bitget/cryptofeed/BITGET.ws.1.0.gz',
  hyperliquid: 'hyperliquid/hftbacktest/hyperliquid_btcusd_20250126.gz',
} as const

test('the recorded data lies beside the project', () => {
  expect(existsSync(folder), `${folder} is needed by test:recorded`).toBe(true)
})

/** What the data's own README says of each file. */
const known = {
  spot: { venue: 'binance', messages: 41_249, trades: 9_757, symbols: ['BTC-USDT'] },
  futures: { venue: 'binance', messages: 93_954, trades: 21_313, symbols: ['BTC-USDT-PERP'] },
  kraken: { venue: 'kraken', symbols: 10 },
  coinbase: { venue: 'coinbase', trades: 97, symbols: 10 },
  bitget: { venue: 'bitget', symbols: 8 },
  hyperliquid: { venue: 'hyperliquid', messages: 55, symbols: ['BTC-USD-PERP'] },
} as const

describe.each(Object.keys(files) as (keyof typeof files)[])('%s', (name) => {
  const file = join(folder, files[name])

  test('the recording opens whole, keeps its own rules and names its markets', async () => {
    const recording = await openRecording(file)
    const { venue, symbols, ...counts } = known[name]
    expect(recording.venue).toBe(venue)
    expect(recording).toMatchObject(counts)
    if (typeof symbols === 'number') expect(recording.instruments).toHaveLength(symbols)
    else expect(recording.instruments.map(({ symbol }) => symbol)).toEqual(symbols)
  })

  test('market orders fill at exactly the levels the recording showed at that moment', async () => {
    const recording = await openRecording(file)
    const raw = rawMessages(file)
    const random = seededStream(1, `moments/${name}`)
    const span_ms = Number((recording.last_ns - recording.first_ns) / 1_000_000n)
    const moments = Array.from({ length: 4 }, () => random.int(span_ms >> 3, span_ms)).sort(
      (a, b) => a - b,
    )
    const clock = manualClock(recording.first_ns)
    const hub = new MarketHub(clock)
    const events: EdgeEvent[] = []
    const sim = createSimEdge({
      books: hub,
      venues: [{ ...simVenue(), id: recording.venue }],
      world: seededWorld({ seed: 1, clock }),
      sink: (event) => events.push(event),
      profile: off,
      stale_ms: 60_000,
    })
    const player = recording.play(hub.feed(recording.venue))
    let compared = 0
    for (const after_ms of moments) {
      const at_ns = recording.first_ns + BigInt(after_ms) * 1_000_000n
      await player.playTo(at_ns, clock)
      const books = booksAt(raw, at_ns)
      for (const instrument of recording.instruments) {
        const book = books.get(instrument.venue_symbol)
        if (book === undefined) continue
        const depth = hub.book(recording.venue, instrument.venue_symbol)?.depth
        const asNumbers = (side: 'bids' | 'asks') =>
          best(book, side).map(([price, qty]) => ({
            price_1e9: scaled(price, 9),
            qty_1e8: scaled(qty, 8),
          }))
        expect(depth?.bids).toEqual(asNumbers('bids'))
        expect(depth?.asks).toEqual(asNumbers('asks'))
        for (const side of ['buy', 'sell'] as const) {
          const levels = best(book, side === 'buy' ? 'asks' : 'bids')
          // Into the fifth level, so that several prices are met.
          const wanted = levels.slice(0, 5).reduce((sum, [, qty]) => sum + scaled(qty, 8), 0n)
          const qty_1e8 = wanted - instrument.lot_size_1e8
          if (qty_1e8 <= 0n) continue
          events.length = 0
          sim.submit(marketOrder(`${name}-${compared}`, recording.venue, instrument, side, qty_1e8))
          const fills = events.flatMap((event) =>
            event.type === 'filled' ? [[event.price_1e9, event.qty_1e8]] : [],
          )
          expect(fills).toEqual(walk(levels, qty_1e8))
          compared += 1
        }
      }
    }
    expect(compared).toBeGreaterThanOrEqual(8)
  })
})

test('all 4,269 checksums of the kraken recording agree with books rebuilt from the raw file', () => {
  const books = new Map<string, { a: Map<string, string>; b: Map<string, string> }>()
  let agreed = 0
  for (const [, message] of rawMessages(join(folder, files.kraken))) {
    if (!Array.isArray(message)) continue
    const pair = message.at(-1) as string
    let checksum: string | undefined
    for (const part of message.slice(1, -2) as Record<string, [string, string][] & string>[]) {
      if ('as' in part) books.set(pair, { a: new Map(), b: new Map() })
      const book = books.get(pair)
      if (book === undefined) throw new Error(`${pair} has no snapshot`)
      for (const side of ['a', 'b'] as const) {
        for (const [price, qty] of part[side] ?? part[`${side}s`] ?? []) {
          if (Number(qty) === 0) book[side].delete(price)
          else book[side].set(price, qty)
        }
        const sign = side === 'a' ? 1 : -1
        const sorted = [...book[side]].sort(([x], [y]) => sign * (Number(x) - Number(y)))
        for (const [price] of sorted.slice(1000)) book[side].delete(price)
      }
      checksum = part.c ?? checksum
    }
    if (checksum === undefined) continue
    const book = books.get(pair)
    const digits = (text: string) => text.replace('.', '').replace(/^0+/, '')
    const top = (side: 'a' | 'b') =>
      [...(book?.[side] ?? [])]
        .sort(([x], [y]) => (side === 'a' ? 1 : -1) * (Number(x) - Number(y)))
        .slice(0, 10)
        .map(([price, qty]) => digits(price) + digits(qty))
        .join('')
    expect(String(crc32(top('a') + top('b')))).toBe(checksum)
    agreed += 1
  }
  expect(agreed).toBe(4_269)
})

// The second number counts those that came before the snapshot and still follow it.
test.each([
  ['spot', 3_448 + 1],
  ['futures', 6_545 + 2],
] as const)(
  'the %s differences follow each other without a gap after the snapshot',
  (name, count) => {
    let last: number | undefined
    let followed = 0
    let snapshot: number | undefined
    const early: Record<string, number>[] = []
    const follow = (data: Record<string, number>) => {
      const { U = 0, u = 0, pu } = data
      if (snapshot === undefined || u < snapshot + (pu === undefined ? 1 : 0)) return
      if (last !== undefined) expect(pu ?? U - 1).toBe(last)
      last = u
      followed += 1
    }
    for (const [, message] of rawMessages(join(folder, files[name]))) {
      const fields = message as { lastUpdateId?: number; data?: Record<string, number> }
      if (fields.lastUpdateId !== undefined) {
        snapshot = fields.lastUpdateId
        for (const data of early) follow(data)
      } else if (fields.data !== undefined && String(fields.data.e) === 'depthUpdate') {
        if (snapshot === undefined) early.push(fields.data)
        else follow(fields.data)
      }
    }
    expect(followed).toBe(count)
  },
)

function marketOrder(
  child_id: string,
  venue: string,
  instrument: Instrument,
  side: 'buy' | 'sell',
  qty_1e8: bigint,
): ChildOrder {
  return {
    child_id,
    // A client of its own each: what one took stays taken from it.
    client_id: child_id,
    is_sandbox: true,
    venue,
    instrument,
    outcome: null,
    side,
    qty_1e8,
    budget_1e8: null,
    limit_price_1e9: null,
    protection_price_1e9: null,
    time_in_force: 'ioc',
    post_only: false,
    reduce_only: false,
    expire_ts_ns: null,
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { onGrid } from '../../../src/engine/instrument.js'
import { venues } from '../../../venues/index.js'

const folder = resolve(import.meta.dirname, '../../../venues')

test('every folder is registered once, in order', () => {
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  expect(venues.map(({ id }) => id)).toEqual(folders.sort())
})

test('the quote assets of each venue are those a reset seeds', () => {
  const seeded = Object.fromEntries(
    venues.map(({ id, quote_assets }) => [id, quote_assets.map(({ asset }) => asset)]),
  )
  expect(seeded).toMatchObject({
    polymarket: ['USDC'],
    hyperliquid: ['USDC'],
    coinbase: ['USD', 'USDC'],
    binance: ['USDT', 'USDC'],
    bitget: ['USDT', 'USDC'],
    cryptocom: ['USD', 'USDT'],
    dex: ['USDC'],
  })
  for (const { quote_assets } of venues) {
    for (const { asset, kind } of quote_assets) expect(kind === 'fiat').toBe(asset === 'USD')
  }
})

describe.each(venues)('$id', (venue) => {
  test('lists a BTC and an ETH market, or one event with two markets', () => {
    const bases = venue.instruments.map(({ base }) => base)
    const events = venue.instruments.map(({ event }) => event?.event_symbol)
    const pairs = events.filter((name, nth) => name !== undefined && events.indexOf(name) !== nth)
    if (venue.capabilities.kinds.includes('event')) expect(pairs.length).toBeGreaterThan(0)
    else expect(bases).toEqual(expect.arrayContaining(['BTC', 'ETH']))
  })

  test('declares instruments of the kinds it says, in assets it seeds, on a sound grid', () => {
    const assets = venue.quote_assets.map(({ asset }) => asset)
    for (const instrument of venue.instruments) {
      expect(venue.capabilities.kinds).toContain(instrument.kind)
      expect(assets).toContain(instrument.quote)
      expect(instrument.min_qty_1e8 % instrument.lot_size_1e8).toBe(0n)
      for (const band of instrument.price_bands) {
        expect(band.step_1e9 % instrument.tick_size_1e9).toBe(0n)
        expect(band.from_1e9 % instrument.tick_size_1e9).toBe(0n)
        expect(band.from_1e9).toBeLessThan(band.to_1e9)
      }
      const [first] = instrument.price_bands
      expect(onGrid(instrument, first?.step_1e9 ?? instrument.tick_size_1e9)).toBe(true)
    }
  })

  test('charges what its basis points say, to within its own rounding', () => {
    for (const instrument of venue.instruments) {
      const price_1e9 = instrument.kind === 'event' ? 400_000_000n : 3_000_000_000_000n
      for (const liquidity of ['maker', 'taker'] as const) {
        const qty_1e8 = 100n * 10n ** 8n
        const side = 'buy' as const
        const fill = { instrument, liquidity, side, price_1e9, qty_1e8, carry_1e8: 0n }
        const { fee_1e8 } = venue.fees.fill(fill)
        const bps = venue.fees.bps({ instrument, liquidity, price_1e9 })
        const notional_1e8 = Number((price_1e9 * qty_1e8) / 10n ** 9n)
        expect(Math.abs(Number(fee_1e8) - (notional_1e8 * bps) / 10_000)).toBeLessThan(1_100_000)
      }
    }
  })

  test('says in its README whether it has a wire', () => {
    const readme = readFileSync(join(folder, venue.id, 'README.md'), 'utf8')
    expect(readme.includes('No wire yet')).toBe(venue.mock === undefined)
    expect(venue.mock === undefined).toBe(venue.client === undefined)
    expect(readme).toContain('## Known differences')
  })
})

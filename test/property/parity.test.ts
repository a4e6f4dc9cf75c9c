/**
 * The promise, in a run small enough for every test run; `npm run parity` searches on.
 *
 * Each venue that has a wire is covered by its registration alone.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { venues } from '../../venues/index.js'
import { caseArbitrary, caseOf, caseText } from '../parity/case.js'
import { compare, openPaths, parity, reportText } from '../parity/parity.js'
import { betterThanTruth, differences, reasonOf, SAME_REASON } from '../parity/verdict.js'

const ORDERS = Number(process.env.PAPERVENUE_RUNS ?? 150)
const SEED = Number(process.env.PAPERVENUE_SEED ?? 20_261_122)

const wired = venues.filter(({ mock, client }) => mock !== undefined && client !== undefined)

test('venues with a wire exist', () => {
  expect(wired.length).toBeGreaterThan(0)
})

describe.each(wired)('$id', (venue) => {
  test('wire, live path and paper path agree: P1 to P6', async () => {
    const report = await parity({ venues: [venue], orders: ORDERS, seed: SEED })
    expect(report.orders).toBeGreaterThanOrEqual(ORDERS)
    expect(report.counterexamples.size, reportText(report)).toBe(0)
  })

  test('a market order on an empty side: refused before, or accepted and cancelled unfilled after', async () => {
    const [instrument] = venue.instruments
    if (instrument === undefined) throw new Error(`${venue.id} lists nothing`)
    const paths = await openPaths(venue, SEED)
    try {
      for (const side of ['buy', 'sell'] as const) {
        const { found, truth, placed } = await compare(paths, {
          venue: venue.id,
          venue_symbol: instrument.venue_symbol,
          market: 'open',
          cash_1e8: 10n ** 14n,
          held_1e8: 10n ** 10n,
          entry_price_1e9: instrument.kind === 'event' ? 500_000_000n : 30_000n * 10n ** 9n,
          depth: { bids: [], asks: [] },
          steps: [
            {
              type: 'place',
              outcome: instrument.kind === 'event' ? 'YES' : null,
              side,
              qty_1e8: 10n ** 8n,
              limit_price_1e9: null,
              time_in_force: 'ioc',
              post_only: false,
              reduce_only: false,
              expires_in_ms: null,
            },
          ],
        })
        expect(found).toEqual([])
        const [order] = placed
        const [story] = truth.story.orders
        const [scene] = truth.scenes
        if (order === undefined || story === undefined || scene === undefined) {
          throw new Error('the story told of no order')
        }
        expect(story.fills).toEqual([])
        expect(scene.nobodyThere).toBe(true)
        expect(reasonOf(order, scene, story.end)).toBe('no-liquidity')
      }
    } finally {
      await paths.close()
    }
  })
})

test('every equivalence of reasons is for market orders with nobody to meet, and for nothing else', () => {
  const order = {
    type: 'place' as const,
    outcome: null,
    side: 'buy' as const,
    qty_1e8: 1n,
    limit_price_1e9: null,
    time_in_force: 'ioc' as const,
    post_only: false,
    reduce_only: false,
    expires_in_ms: null,
  }
  for (const { one, other } of SAME_REASON) {
    expect(reasonOf(order, { nobodyThere: true }, one)).toBe(other)
    expect(reasonOf(order, { nobodyThere: false }, one)).toBe(one)
    expect(reasonOf({ ...order, limit_price_1e9: 1n }, { nobodyThere: true }, one)).toBe(one)
  }
})

describe('the comparison', () => {
  const order = {
    type: 'place' as const,
    outcome: null,
    side: 'buy' as const,
    qty_1e8: 10n,
    limit_price_1e9: 100n,
    time_in_force: 'gtc' as const,
    post_only: false,
    reduce_only: false,
    expires_in_ms: null,
  }
  const fill = { price_1e9: 100n, qty_1e8: 10n, fee_1e8: 1n, liquidity: 'taker' as const }
  const holdings = { cash_1e8: 0n, cash_reserved_1e8: 0n, held_1e8: 10n }
  const truth = {
    orders: [{ fills: [fill], end: 'filled' as const, refused: false, amends: [] }],
    holdings,
  }
  const scenes = [{ nobodyThere: false }]
  const laws = (other: typeof truth) =>
    differences([order], scenes, truth, other).map(({ law, what }) => `${law} ${what}`)

  test('sees a verdict, a fill, a fee and a holding that differ', () => {
    const withFill = (change: object) => ({
      ...truth,
      orders: [
        { fills: [{ ...fill, ...change }], end: 'filled' as const, refused: false, amends: [] },
      ],
    })
    expect(laws(truth)).toEqual([])
    expect(
      laws({
        ...truth,
        orders: [{ fills: [fill], end: 'open', refused: false, amends: [] }],
      } as never),
    ).toEqual(['P1 verdict'])
    expect(laws(withFill({ price_1e9: 99n }))).toEqual(['P2 fills'])
    expect(laws(withFill({ fee_1e8: 2n }))).toEqual(['P2 fills'])
    expect(laws({ ...truth, holdings: { ...holdings, held_1e8: 9n } })).toEqual(['P2 held'])
  })

  test('sees a fill that is larger, earlier, cheaper or freer than the truth allows', () => {
    const [venue] = wired
    const [instrument] = venue?.instruments ?? []
    if (venue === undefined || instrument === undefined) throw new Error('no venue has a wire')
    const story = { venue_symbol: instrument.venue_symbol, steps: [order, order] }
    const price_1e9 = instrument.kind === 'event' ? 500_000_000n : 30_000n * 10n ** 9n
    const qty_1e8 = 10n ** 8n
    const due = venue.fees.fill({
      instrument,
      liquidity: 'taker',
      side: 'buy',
      price_1e9,
      qty_1e8,
      carry_1e8: 0n,
    }).fee_1e8
    const real = { price_1e9, qty_1e8, fee_1e8: due, liquidity: 'taker' as const }
    const course = (fills: (typeof real)[], filled: bigint[][]) => ({
      story: { orders: [{ fills, end: 'filled' as const, refused: false, amends: [] }], holdings },
      filled,
    })
    const better = (fills: (typeof real)[], filled: bigint[][]) =>
      betterThanTruth(
        venue,
        story,
        [order],
        course([real], [[0n], [qty_1e8]]),
        course(fills, filled),
      ).map(({ what }) => what)
    expect(better([real], [[0n], [qty_1e8]])).toEqual([])
    expect(better([real], [[qty_1e8], [qty_1e8]])).toEqual(['filled more or earlier'])
    expect(better([{ ...real, price_1e9: price_1e9 - 1n }], [[0n], [qty_1e8]])).toContain(
      'price better',
    )
    expect(better([{ ...real, fee_1e8: due - 1n }], [[0n], [qty_1e8]])).toEqual(['fee smaller'])
  })

  test('prints and reads back every story', () => {
    const [venue] = wired
    const [instrument] = venue?.instruments ?? []
    if (venue === undefined || instrument === undefined) throw new Error('no venue has a wire')
    fc.assert(
      fc.property(caseArbitrary(venue, instrument), (story) => {
        expect(caseOf(caseText(story))).toEqual(story)
      }),
    )
  })
})

test('no guard asks whether an order is a paper order', () => {
  const source = readFileSync(resolve(import.meta.dirname, '../../src/engine/guards.ts'), 'utf8')
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
  expect(code).toContain('export function preflight')
  expect(code).not.toMatch(/sandbox|paper/i)
})

/**
 * The shared suite: what every venue keeps, whatever its wire. Numbers are spaced and never reused;
 * skips follow from declared capabilities alone.
 *
 * C-1xx wire and auth, C-2xx time in force, C-3xx post-only, C-4xx money, C-5xx refusals, C-6xx feed,
 * C-7xx state, C-8xx vectors of the sheet, C-9xx reject atlas.
 */
import { describe, expect, test } from 'vitest'
import type { Depth } from '../../src/engine/depth.js'
import type { TimeInForce } from '../../src/engine/order.js'
import type { FeedSink } from '../../src/venue/contract.js'
import { loopback } from '../../src/venue/loopback.js'
import { manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import type { Subject } from './subject.js'
import { type VectorOrder, vectorDepth, vectorPrice, vectorQty } from './vector.js'
import { childOf, expectedOf, openWire, outcomeOf, runOnWire, type Wire } from './wire-path.js'

const limit = (price: string, qty: string, time_in_force: TimeInForce = 'gtc'): VectorOrder => ({
  side: 'buy',
  price,
  qty,
  time_in_force,
})

/** Registers the suite for one venue. */
export function conformance(subject: Subject): void {
  const { venue, venue_symbol, figures, book, balances } = subject
  const { capabilities } = venue
  const lacks = (tif: TimeInForce) => !capabilities.time_in_force.includes(tif)
  const [bestAsk, nextAsk] = book.asks
  const [bestBid] = book.bids
  if (bestAsk === undefined || nextAsk === undefined || bestBid === undefined) {
    throw new Error(`${venue.id}: the suite's book needs two asks and a bid`)
  }
  /** Bought at the worst price on offer, so that it takes everything there is. */
  const sweep = nextAsk[0]

  const onWire = async (run: (wire: Wire) => Promise<void>, quoted = true): Promise<void> => {
    const wire = await openWire(venue, venue_symbol, balances)
    try {
      if (quoted) wire.mock.admin.setDepth(venue_symbol, vectorDepth(book))
      await run(wire)
      wire.mock.admin.check()
    } finally {
      await wire.close()
    }
  }
  const fillsOf = (wire: Wire, id: string) => outcomeOf(wire.of(id), 0n).fills
  const levelAt = (wire: Wire, price: string) =>
    wire.mock.admin
      .depth(venue_symbol)
      .bids.find(({ price_1e9 }) => price_1e9 === vectorPrice(price))

  describe(venue.id, () => {
    describe('wire', () => {
      test('C-100 acknowledges an order once and names it', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          const acks = wire.of('one').filter(({ type }) => type === 'acked')
          expect(acks).toHaveLength(1)
          expect(acks[0]).toMatchObject({ venue_order_id: expect.any(String) })
        }))

      test('C-110 cancels by the same client what it placed', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          expect(levelAt(wire, figures.price_resting)).toBeDefined()
          await wire.client.cancel('one')
          await wire.settle()
          expect(wire.of('one').at(-1)).toMatchObject({ type: 'cancelled', reason: 'requested' })
          expect(levelAt(wire, figures.price_resting)).toBeUndefined()
        }))

      test.skipIf(capabilities.amend === 'none')('C-120 amends price and size', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          const qty_1e8 = vectorQty(figures.qty) * 2n
          const limit_price_1e9 = vectorPrice(figures.price_better)
          await wire.client.amend('one', { qty_1e8, limit_price_1e9 })
          await wire.settle()
          expect(wire.of('one').at(-1)).toMatchObject({ type: 'amended', qty_1e8, limit_price_1e9 })
          expect(levelAt(wire, figures.price_better)?.qty_1e8).toBe(qty_1e8)
          expect(levelAt(wire, figures.price_resting)).toBeUndefined()
        }),
      )

      test('C-130 tells after a broken stream what happened meanwhile, and nothing twice', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(bestBid[0], figures.qty))
          const before = wire.mock.admin.account(wire.account_id)
          wire.cut()
          const told = wire.events.length
          // The book trades through the order while nobody listens.
          wire.mock.admin.print(venue_symbol, {
            price_1e9: vectorPrice(bestBid[0]),
            qty_1e8: vectorQty(figures.qty) + vectorQty(bestBid[1]),
            taker_side: 'sell',
          })
          await wire.settle()
          expect(wire.mock.admin.account(wire.account_id)).not.toEqual(before)
          expect(wire.events.length).toBe(told)
          // It comes back by itself, in its own time, and asks for what it missed.
          wire.mend()
          for (let second = 0; second < 20; second++) {
            wire.clock.advance(1_000)
            await wire.settle()
          }
          const { status, fills } = outcomeOf(wire.of('one'), vectorQty(figures.qty))
          expect(status).toBe('filled')
          expect(fills.reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)).toBe(vectorQty(figures.qty))
          const paid = fills.reduce(
            (sum, { price_1e9, qty_1e8, fee_1e8 }) =>
              sum + (price_1e9 * qty_1e8) / 1_000_000_000n + fee_1e8,
            0n,
          )
          const cashOf = ({ balances }: typeof before): bigint =>
            balances.find(({ asset }) => asset === wire.instrument.quote)?.total_1e8 ?? 0n
          expect(cashOf(before) - cashOf(wire.mock.admin.account(wire.account_id))).toBe(paid)
          const after = wire.events.length
          await wire.client.reconcile()
          wire.cut()
          wire.mend()
          for (let second = 0; second < 20; second++) {
            wire.clock.advance(1_000)
            await wire.settle()
          }
          expect(wire.events.length).toBe(after)
        }))

      test('C-140 pulls the cash the venue holds', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          const { balances: pulled } = await wire.client.pull()
          const held = wire.mock.admin.account(wire.account_id).balances
          for (const { asset, total_1e8 } of held.filter(({ asset }) => asset in balances)) {
            expect(pulled.find((balance) => balance.asset === asset)?.total_1e8).toBe(total_1e8)
          }
        }))
    })

    describe('auth', () => {
      test('C-150 refuses a stranger and a wrong secret, and moves nothing', async () => {
        const clock = manualClock()
        const mock = venue.mock?.({ world: seededWorld({ seed: 2, clock }) })
        if (mock === undefined || venue.client === undefined) throw new Error('no wire')
        await mock.recover()
        const ours = mock.admin.openAccount({ label: 'ours' })
        const other = venue.mock?.({ world: seededWorld({ seed: 3, clock }) })
        await other?.recover()
        const stranger = other?.admin.openAccount({ label: 'stranger' })
        const before = mock.admin.snapshot()
        const client = venue.client({
          base_url: `http://${venue.id}.test`,
          ...loopback(mock),
          clock,
          instruments: venue.instruments,
          credentials: stranger?.credentials ?? {},
        })
        await expect(client.open(() => undefined)).rejects.toThrow()
        await expect(client.pull()).rejects.toThrow()
        await client.close()
        expect(Buffer.from(mock.admin.snapshot()).equals(before)).toBe(true)
        expect(mock.admin.account(ours.account_id).open_orders).toEqual([])
        await mock.close()
        await other?.close()
      })
    })

    describe('time in force', () => {
      test('C-200 GTC rests what it cannot fill', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(bestAsk[0], figures.qty_beyond_book))
          const filled = fillsOf(wire, 'one').reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
          expect(filled).toBe(vectorQty(bestAsk[1]))
          expect(levelAt(wire, bestAsk[0])?.qty_1e8).toBe(
            vectorQty(figures.qty_beyond_book) - filled,
          )
        }))

      test.skipIf(lacks('ioc'))('C-210 IOC fills what is there and rests nothing', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(bestAsk[0], figures.qty_beyond_book, 'ioc'))
          const outcome = outcomeOf(wire.of('one'), vectorQty(figures.qty_beyond_book))
          expect(outcome).toMatchObject({ status: 'cancelled', code: 'ioc-unfilled' })
          expect(outcome.fills.map(({ qty_1e8 }) => qty_1e8)).toEqual([vectorQty(bestAsk[1])])
          expect(wire.mock.admin.account(wire.account_id).open_orders).toEqual([])
        }),
      )

      test.skipIf(lacks('fok'))('C-220 FOK fills whole or not at all', () =>
        onWire(async (wire) => {
          await wire.submit('none', limit(sweep, figures.qty_beyond_book, 'fok'))
          const none = outcomeOf(wire.of('none'), vectorQty(figures.qty_beyond_book))
          expect(none).toMatchObject({ code: 'fok-unfilled', fills: [] })
          await wire.submit('all', limit(sweep, figures.qty, 'fok'))
          const all = outcomeOf(wire.of('all'), vectorQty(figures.qty))
          expect(all.status).toBe('filled')
        }),
      )

      test.skipIf(lacks('gtd'))('C-230 GTD ends at its moment on the venue clock', () =>
        onWire(async (wire) => {
          const expire_ts_ns = wire.clock.now_ns() + 60_000_000_000n
          await wire.client.submit({
            ...childOf('one', venue.id, wire.instrument, limit(figures.price_resting, figures.qty)),
            time_in_force: 'gtd',
            expire_ts_ns,
          })
          wire.clock.advance(58_000)
          await wire.settle()
          expect(levelAt(wire, figures.price_resting)).toBeDefined()
          wire.clock.advance(3_000)
          await wire.settle()
          expect(wire.of('one').at(-1)?.type).toBe('expired')
          expect(levelAt(wire, figures.price_resting)).toBeUndefined()
        }),
      )

      test('C-240 a market order against an empty side executes nothing and rests nothing', () =>
        onWire(async (wire) => {
          await wire.submit('one', {
            side: 'buy',
            price: null,
            qty: figures.qty,
            time_in_force: 'ioc',
          })
          const outcome = outcomeOf(wire.of('one'), vectorQty(figures.qty))
          expect(outcome.fills).toEqual([])
          expect(['no-liquidity', 'ioc-unfilled']).toContain(outcome.code)
          const after = wire.mock.admin.account(wire.account_id)
          expect(after.open_orders).toEqual([])
          expect(after.balances.every(({ reserved_1e8 }) => reserved_1e8 === 0n)).toBe(true)
        }, false))

      test('C-250 a market order walks the book and gives up the rest', () =>
        onWire(async (wire) => {
          await wire.submit('one', {
            side: 'buy',
            price: null,
            qty: figures.qty_beyond_book,
            time_in_force: 'ioc',
          })
          const outcome = outcomeOf(wire.of('one'), vectorQty(figures.qty_beyond_book))
          expect(outcome.fills.map(({ price_1e9, qty_1e8 }) => [price_1e9, qty_1e8])).toEqual(
            book.asks.map(([price, qty]) => [vectorPrice(price), vectorQty(qty)]),
          )
          expect(outcome.status).toBe('cancelled')
        }))
    })

    describe('post-only', () => {
      const posts = capabilities.post_only !== 'none'
      test.skipIf(!posts)('C-300 a post-only order that would take takes nothing', () =>
        onWire(async (wire) => {
          await wire.submit('one', { ...limit(bestAsk[0], figures.qty), post_only: true })
          const outcome = outcomeOf(wire.of('one'), vectorQty(figures.qty))
          const status = capabilities.post_only === 'refuse' ? 'refused' : 'cancelled'
          expect(outcome).toEqual({ status, code: 'would-cross', fills: [] })
        }),
      )

      test.skipIf(!posts)('C-310 a post-only order below the ask rests and later makes', () =>
        onWire(async (wire) => {
          await wire.submit('one', {
            ...limit(figures.price_resting, figures.qty),
            post_only: true,
          })
          expect(outcomeOf(wire.of('one'), vectorQty(figures.qty)).status).toBe('resting')
          wire.mock.admin.setDepth(venue_symbol, { bids: [], asks: [] })
          wire.mock.admin.print(venue_symbol, {
            price_1e9: vectorPrice(figures.price_resting),
            qty_1e8: vectorQty(figures.qty),
            taker_side: 'sell',
          })
          await wire.settle()
          const outcome = outcomeOf(wire.of('one'), vectorQty(figures.qty))
          expect(outcome.status).toBe('filled')
          expect(outcome.fills.every(({ liquidity }) => liquidity === 'maker')).toBe(true)
        }),
      )
    })

    describe('money', () => {
      test.each(['taker', 'maker'] as const)(
        'C-400 charges a %s by the declared schedule',
        (liquidity) =>
          onWire(async (wire) => {
            const price = liquidity === 'taker' ? bestAsk[0] : figures.price_resting
            await wire.submit('one', limit(price, figures.qty))
            if (liquidity === 'maker') {
              wire.mock.admin.setDepth(venue_symbol, { bids: [], asks: [] })
              wire.mock.admin.print(venue_symbol, {
                price_1e9: vectorPrice(price),
                qty_1e8: vectorQty(figures.qty),
                taker_side: 'sell',
              })
              await wire.settle()
            }
            let carry_1e8 = 0n
            for (const fill of fillsOf(wire, 'one')) {
              const { price_1e9, qty_1e8 } = fill
              const { instrument } = wire
              const side = 'buy' as const
              const owed = venue.fees.fill({
                instrument,
                liquidity,
                side,
                price_1e9,
                qty_1e8,
                carry_1e8,
              })
              carry_1e8 = owed.carry_1e8
              expect(fill).toMatchObject({ liquidity, fee_1e8: owed.fee_1e8 })
            }
            expect(fillsOf(wire, 'one').length).toBeGreaterThan(0)
          }),
      )

      test('C-410 a resting order reserves, a cancelled one gives everything back', () =>
        onWire(async (wire) => {
          const reserved = () =>
            wire.mock.admin
              .account(wire.account_id)
              .balances.reduce((sum, balance) => sum + balance.reserved_1e8, 0n)
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          expect(reserved()).toBeGreaterThan(0n)
          await wire.client.cancel('one')
          await wire.settle()
          expect(reserved()).toBe(0n)
        }))

      test('C-420 an order beyond the account is refused and leaves no trace', () =>
        onWire(async (wire) => {
          const before = wire.mock.admin.account(wire.account_id)
          await wire.submit('one', limit(figures.price_resting, figures.qty_too_much))
          expect(outcomeOf(wire.of('one'), 0n)).toEqual({
            status: 'refused',
            code: 'insufficient-balance',
            fills: [],
          })
          expect(wire.mock.admin.account(wire.account_id)).toEqual(before)
        }))
    })

    describe('refusals', () => {
      test('C-500 a price off the grid is refused before anything else happens', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_off_grid, figures.qty))
          expect(outcomeOf(wire.of('one'), 0n)).toEqual({
            status: 'refused',
            code: 'off-tick',
            fills: [],
          })
        }))

      test.each(['cancel-only', 'halted'] as const)(
        'C-510 a market that is %s takes no order',
        (state) =>
          onWire(async (wire) => {
            wire.mock.admin.setMarketState(venue_symbol, state)
            await wire.submit('one', limit(figures.price_resting, figures.qty))
            const outcome = outcomeOf(wire.of('one'), 0n)
            expect(outcome.status).toBe('refused')
            expect(['market-mode', 'market-closed', 'venue-paused']).toContain(outcome.code)
          }),
      )

      test('C-520 a cancel-only market still lets go of what rests', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          wire.mock.admin.setMarketState(venue_symbol, 'cancel-only')
          await wire.client.cancel('one')
          await wire.settle()
          expect(wire.of('one').at(-1)).toMatchObject({ type: 'cancelled', reason: 'requested' })
        }))

      test('C-530 amending what is unknown or done is refused in words', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          await wire.client.cancel('one')
          await wire.settle()
          await wire.client.amend('one', {
            qty_1e8: vectorQty(figures.qty),
            limit_price_1e9: vectorPrice(figures.price_better),
          })
          expect(wire.of('one').at(-1)).toMatchObject({ type: 'amend-rejected' })
        }))
    })

    describe('feed', () => {
      test('C-600 the book a subscriber rebuilds is the venue book, through a hundred changes', () =>
        onWire(async (wire) => {
          const follower = followed()
          const stop = await wire.client.subscribe([wire.instrument], follower.sink)
          const tick = wire.instrument.tick_size_1e9
          const lot = wire.instrument.lot_size_1e8
          const middle = vectorPrice(bestBid[0])
          const random = seededWorld({ seed: 600, clock: wire.clock }).random('levels')
          for (let change = 0; change < 100; change++) {
            const side = (sign: bigint) =>
              [...new Set(Array.from({ length: 12 }, () => random.int(1, 25)))].map((steps) => ({
                price_1e9: middle + sign * BigInt(steps) * coarse(wire, tick),
                qty_1e8: lot * BigInt(random.int(1, 1_000_000)),
              }))
            wire.mock.admin.setDepth(venue_symbol, { bids: side(-1n), asks: side(1n) })
            await wire.settle()
            expect(follower.depth(), `change ${change}`).toEqual(
              wire.mock.admin.depth(venue_symbol),
            )
          }
          expect(follower.losses).toEqual([])
          stop()
        }))

      test('C-610 prints reach the subscriber with the taker side', () =>
        onWire(async (wire) => {
          const follower = followed()
          await wire.client.subscribe([wire.instrument], follower.sink)
          await wire.submit('one', limit(bestAsk[0], figures.qty))
          expect(follower.trades).toEqual([
            {
              price_1e9: vectorPrice(bestAsk[0]),
              qty_1e8: vectorQty(figures.qty),
              taker_side: 'buy',
            },
          ])
        }))

      test('C-620 a broken feed is lost at once and whole again after it came back', () =>
        onWire(async (wire) => {
          const follower = followed()
          await wire.client.subscribe([wire.instrument], follower.sink)
          wire.mock.admin.restore(wire.mock.admin.snapshot())
          await wire.settle()
          expect(follower.losses.length).toBeGreaterThan(0)
          wire.mock.admin.setDepth(venue_symbol, { bids: [], asks: vectorDepth(book).asks })
          for (let second = 0; second < 20; second++) {
            wire.clock.advance(1_000)
            await wire.settle()
          }
          expect(follower.depth()).toEqual(wire.mock.admin.depth(venue_symbol))
        }))
    })

    describe('state', () => {
      test('C-700 a snapshot put back behaves as before, byte for byte', () =>
        onWire(async (wire) => {
          await wire.submit('one', limit(figures.price_resting, figures.qty))
          const { admin } = wire.mock
          const bytes = admin.snapshot()
          admin.setDepth(venue_symbol, { bids: [], asks: [] })
          expect(Buffer.from(admin.snapshot()).equals(bytes)).toBe(false)
          admin.restore(bytes)
          expect(Buffer.from(admin.snapshot()).equals(bytes)).toBe(true)
          admin.check()
        }))

      test('C-710 the journal brings everything back', async () => {
        const lines: string[] = []
        const kept: { snapshot: Uint8Array | null } = { snapshot: null }
        const journal = {
          append: async (more: readonly string[]) => {
            lines.push(...more)
          },
          snapshot: async (bytes: Uint8Array) => {
            kept.snapshot = bytes
            lines.length = 0
          },
          load: async () => ({ snapshot: kept.snapshot, lines: [...lines] }),
        }
        const wire = await openWire(venue, venue_symbol, balances, { journal })
        wire.mock.admin.setDepth(venue_symbol, vectorDepth(book))
        await wire.submit('resting', limit(figures.price_resting, figures.qty))
        await wire.submit('taking', limit(bestAsk[0], figures.qty))
        const bytes = wire.mock.admin.snapshot()
        await wire.close()

        const again = venue.mock?.({
          world: seededWorld({ seed: 9, clock: manualClock() }),
          journal,
        })
        if (again === undefined) throw new Error('no wire')
        await again.recover()
        expect(Buffer.from(again.admin.snapshot()).equals(bytes)).toBe(true)
        again.admin.check()
        await again.close()
      })
    })

    describe('vectors', () => {
      test.each(subject.vectors.filter(({ order }) => order.qty !== undefined))(
        'C-800 $id $title',
        async (vector) => {
          const { outcome, balances: after } = await runOnWire(venue, vector)
          expect(outcome).toEqual(expectedOf(vector.expect))
          for (const [asset, total] of Object.entries({
            ...vector.balances,
            ...vector.expect.balances,
          })) {
            const held = after[asset] ?? { total_1e8: 0n, reserved_1e8: 0n }
            expect(held, asset).toEqual({
              total_1e8: vectorQty(total),
              reserved_1e8: vectorQty(vector.expect.reserved?.[asset] ?? '0'),
            })
          }
        },
      )
    })

    describe('reject atlas', () => {
      test.each(subject.atlas)('C-900 $id $condition', async ({ meet, expect: wanted, codeOf }) => {
        const met = await meet()
        expect(met).toEqual({ status: wanted.status, text: wanted.text })
        expect(codeOf(met.text)).toBe(wanted.code)
      })

      test('C-910 every row of the atlas has a number of its own', () => {
        const ids = subject.atlas.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
      })
    })
  })
}

/** A step that is on every grid: bands may be coarser than the tick. */
function coarse(wire: Wire, tick: bigint): bigint {
  const steps = [tick, ...wire.instrument.price_bands.map(({ step_1e9 }) => step_1e9)]
  return steps.sort((a, b) => (a > b ? -1 : 1))[0] ?? tick
}

/** A subscriber that keeps the book by what the sink is told. */
function followed() {
  const bids = new Map<bigint, bigint>()
  const asks = new Map<bigint, bigint>()
  const losses: string[] = []
  const trades: { price_1e9: bigint; qty_1e8: bigint; taker_side: string }[] = []
  const sink: FeedSink = {
    snapshot: (_symbol, depth) => {
      bids.clear()
      asks.clear()
      for (const { price_1e9, qty_1e8 } of depth.bids) bids.set(price_1e9, qty_1e8)
      for (const { price_1e9, qty_1e8 } of depth.asks) asks.set(price_1e9, qty_1e8)
    },
    level: (_symbol, side, price_1e9, qty_1e8) => {
      const book = side === 'buy' ? bids : asks
      if (qty_1e8 === 0n) book.delete(price_1e9)
      else book.set(price_1e9, qty_1e8)
    },
    published: () => undefined,
    trade: (_symbol, { price_1e9, qty_1e8, taker_side }) => {
      trades.push({ price_1e9, qty_1e8, taker_side })
    },
    lost: (_symbol, reason) => losses.push(reason),
  }
  const side = (book: Map<bigint, bigint>, sign: bigint) =>
    [...book]
      .map(([price_1e9, qty_1e8]) => ({ price_1e9, qty_1e8 }))
      .sort((a, b) => ((a.price_1e9 - b.price_1e9) * sign < 0n ? -1 : 1))
  return {
    sink,
    losses,
    trades,
    depth: (): Depth => ({ bids: side(bids, -1n), asks: side(asks, 1n) }),
  }
}

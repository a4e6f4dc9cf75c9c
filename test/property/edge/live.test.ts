/**
 * The live edge over real wires that lose, repeat and delay: what it tells comes to what the venue holds.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLiveEdge } from '../../../src/edge/live.js'
import type { ChildOrder, EdgeEvent } from '../../../src/engine/order.js'
import type { SocketPeer, Venue } from '../../../src/venue/contract.js'
import { loopback } from '../../../src/venue/loopback.js'
import { manualClock } from '../../../src/world/clock.js'
import { seededStream } from '../../../src/world/prng.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { venues } from '../../../venues/index.js'
import { gridOf, unitOf } from '../../parity/case.js'

const RUNS = Number(process.env.PAPERVENUE_RUNS ?? 12)
const wired = venues.filter(({ mock, client }) => mock !== undefined && client !== undefined)
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A venue behind a wire that drops this share of its stream and of its answers, in percent. */
async function setup(venue: Venue, seed: number, lost_pct: number) {
  const clock = manualClock()
  const world = seededWorld({ seed, clock })
  const mock = venue.mock?.({ world })
  const [instrument] = venue.instruments
  if (mock === undefined || venue.client === undefined || instrument === undefined) {
    throw new Error(`${venue.id} has no wire`)
  }
  const { account_id, credentials } = mock.admin.openAccount({ label: 'live' })
  const stream = seededStream(seed, 'wire')
  const wire = loopback(mock)
  const faulty = { on: false }
  const unlucky = () => faulty.on && stream.int(1, 100) <= lost_pct
  const client = venue.client({
    base_url: `http://${venue.id}.test`,
    clock,
    instruments: venue.instruments,
    credentials,
    fetch: async (request) => {
      const answer = await wire.fetch(request)
      // The order arrived; its answer did not.
      if (request.method === 'POST' && unlucky()) throw new TypeError('fetch failed')
      return answer
    },
    connect: (request, peer) => {
      const lossy: SocketPeer = {
        send: (text) => {
          if (!unlucky()) peer.send(text)
        },
        ping: (payload) => peer.ping(payload),
        close: (code, reason) => peer.close(code, reason),
      }
      return wire.connect(request, lossy)
    },
  })
  const told: EdgeEvent[] = []
  const edge = createLiveEdge({
    sink: (event) => told.push(event),
    clock,
    connect: () => client,
    reconcile_every_ms: 600_000,
  })
  await edge.client(venue.id, 'c1')
  return { clock, mock, instrument, account_id, told, edge, faulty }
}

const steps = fc.array(
  fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    away: fc.integer({ min: -3, max: 3 }),
    units: fc.integer({ min: 1, max: 5 }),
    tif: fc.constantFrom('gtc' as const, 'gtc' as const, 'ioc' as const),
  }),
  { minLength: 1, maxLength: 5 },
)

describe.each(wired)('$id', (venue) => {
  test('what was told comes to what the venue holds, whatever the wire loses', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), fc.constantFrom(0, 20, 60), async (drawn, seed, lost) => {
        const { clock, mock, instrument, account_id, told, edge, faulty } = await setup(
          venue,
          seed,
          lost,
        )
        const grid = gridOf(instrument)
        const unit = unitOf(instrument)
        const middle = Math.floor(grid.length / 2)
        const at = (index: number) => grid[index] ?? 0n
        const { admin } = mock
        admin.setBalance(account_id, instrument.quote, 10n ** 15n)
        if (instrument.kind === 'spot') admin.setBalance(account_id, instrument.base, 1000n * unit)
        admin.setDepth(instrument.venue_symbol, {
          bids: [{ price_1e9: at(middle - 1), qty_1e8: 3n * unit }],
          asks: [{ price_1e9: at(middle + 1), qty_1e8: 3n * unit }],
        })
        await turn()
        const held = () => {
          const { balances, positions } = admin.account(account_id)
          return instrument.kind === 'spot'
            ? (balances.find(({ asset }) => asset === instrument.base)?.total_1e8 ?? 0n)
            : (positions.find((one) => one.venue_symbol === instrument.venue_symbol)?.qty_1e8 ?? 0n)
        }
        const before = held()
        faulty.on = true
        const sides = new Map<string, 'buy' | 'sell'>()
        for (const [nth, step] of drawn.entries()) {
          clock.advance(10_000)
          const child_id = `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`
          sides.set(child_id, step.side)
          const child: ChildOrder = {
            child_id,
            client_id: 'c1',
            is_sandbox: false,
            venue: venue.id,
            instrument,
            outcome: instrument.kind === 'event' ? 'YES' : null,
            side: step.side,
            qty_1e8: BigInt(step.units) * unit,
            budget_1e8: null,
            limit_price_1e9: at(middle + step.away),
            protection_price_1e9: null,
            time_in_force: step.tif,
            post_only: false,
            reduce_only: false,
            expire_ts_ns: null,
          }
          await edge.submit(child)
          await turn()
        }
        clock.advance(10_000)
        admin.print(instrument.venue_symbol, {
          price_1e9: at(middle + 1),
          qty_1e8: 4n * unit,
          taker_side: 'buy',
        })
        await turn()
        faulty.on = false
        for (let round = 0; round < 2; round += 1) {
          clock.advance(30_000)
          await edge.reconcile()
          await turn()
        }
        let moved = 0n
        const ids = new Set<string>()
        for (const event of told) {
          if (event.type !== 'filled') continue
          expect(ids.has(event.venue_fill_id)).toBe(false)
          ids.add(event.venue_fill_id)
          moved += sides.get(event.child_id) === 'buy' ? event.qty_1e8 : -event.qty_1e8
        }
        expect(moved).toBe(held() - before)
        const answered = new Set(told.map(({ child_id }) => child_id))
        expect([...sides.keys()].filter((child_id) => !answered.has(child_id))).toEqual([])
        await edge.close()
        await mock.close()
      }),
      { numRuns: RUNS },
    )
  })
})

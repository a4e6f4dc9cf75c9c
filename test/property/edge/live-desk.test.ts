/**
 * The whole live path over wires that lose, repeat and swap: once the wire is well again, the desk's
 * orders, fills, positions and balances are the venue's.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import type { FaultInput } from '../../../src/fault/kinds.js'
import { createSandbox, type Sandbox, type SandboxAccount } from '../../../src/sandbox.js'
import { stringifyJson } from '../../../src/wire/json.js'
import { venues } from '../../../venues/index.js'

const RUNS = Number(process.env.PAPERVENUE_RUNS ?? 15)
const wired = venues.filter(({ mock, client }) => mock !== undefined && client !== undefined)

type Step =
  | { readonly do: 'place'; buy: boolean; away: number; qty: number; tif: 'gtc' | 'ioc' | null }
  | { readonly do: 'cancel'; nth: number }
  | { readonly do: 'amend'; nth: number; away: number; qty: number }
  | { readonly do: 'print'; away: number; qty: number; buy: boolean }
  | { readonly do: 'depth'; away: number }
  | { readonly do: 'pass'; ms: number }

const away = fc.integer({ min: -4, max: 4 })
const qty = fc.integer({ min: 1, max: 6 })
const nth = fc.nat({ max: 8 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      buy: fc.boolean(),
      away,
      qty,
      tif: fc.constantFrom('gtc' as const, 'gtc' as const, 'ioc' as const, null),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('amend' as const), nth, away, qty }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('print' as const), away, qty, buy: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('depth' as const), away }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.integer({ min: 0, max: 900 }),
    }),
  },
)

/** Faults of a venue, by what they are and how often they hit. */
const faults = (venue: string): fc.Arbitrary<FaultInput[]> => {
  const chance = fc.constantFrom(0.2, 0.5, 1)
  const hits = fc.record({ chance })
  return fc.array(
    fc.oneof(
      hits.map((match) => ({
        type: 'drop-event' as const,
        venue,
        match: { channel: 'private' as const, ...match },
      })),
      hits.map((match) => ({
        type: 'duplicate-event' as const,
        venue,
        match: { channel: 'private' as const, ...match },
      })),
      fc.record({ match: hits, by: fc.integer({ min: 1, max: 5 }) }).map(({ match, by }) => ({
        type: 'reorder-event' as const,
        venue,
        by,
        match: { channel: 'private' as const, ...match },
      })),
      fc
        .record({
          match: hits,
          action: fc.constantFrom(
            'create-order' as const,
            'amend-order' as const,
            'cancel-order' as const,
          ),
        })
        .map(({ match, action }) => ({
          type: 'lost-ack' as const,
          venue,
          match: { action, ...match },
        })),
    ),
    { minLength: 1, maxLength: 3 },
  )
}

interface Market {
  readonly venue: string
  readonly symbol: string
  readonly venue_symbol: string
  readonly base: string | null
  /** A price so many steps away from the middle, as people write it. */
  price(away: number): number
  /** So many units. */
  qty(units: number): number
}

function marketOf({ id, instruments }: (typeof venues)[number]): Market {
  const [instrument] = instruments
  if (instrument === undefined) throw new Error(`${id} lists nothing`)
  const { symbol, venue_symbol, kind, base } = instrument
  const spot = kind === 'spot'
  return {
    venue: id,
    symbol,
    venue_symbol,
    base: spot ? base : null,
    price: (steps) => (spot ? 60_000 + 10 * steps : (50 + steps) / 100),
    qty: (units) => (spot ? units / 10 : units * 10),
  }
}

class Story {
  readonly #sandbox: Sandbox
  readonly #account: SandboxAccount
  readonly #market: Market
  readonly #ids: string[] = []

  constructor(sandbox: Sandbox, account: SandboxAccount, market: Market) {
    this.#sandbox = sandbox
    this.#account = account
    this.#market = market
  }

  async call(method: string, path: string, body?: unknown) {
    const answer = await this.#sandbox.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${this.#account.live_key}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: stringifyJson(body) }),
    })
    await this.#sandbox.settle()
    const text = await answer.text()
    expect(answer.status, `${method} ${path} -> ${text}`).not.toBe(500)
    const json = JSON.parse(text)
    return { ...json, status: answer.status }
  }

  control(name: string, input: object) {
    const { venue, symbol } = this.#market
    return perform(this.#sandbox.control, name, { venue, symbol, ...input })
  }

  depth(middle: number) {
    const { price, qty: sized } = this.#market
    return this.control('set-depth', {
      bids: [1, 2].map((steps) => [price(middle - steps), sized(4)]),
      asks: [1, 2].map((steps) => [price(middle + steps), sized(4)]),
    })
  }

  async tell(one: Step): Promise<void> {
    const { venue, symbol, price, qty: sized } = this.#market
    const path = (at: number) => {
      const id = this.#ids[at % Math.max(1, this.#ids.length)]
      return id === undefined ? undefined : `/v1/orders/${encodeURIComponent(id)}`
    }
    switch (one.do) {
      case 'place': {
        const { nodes } = await this.call('POST', '/v1/orders', {
          symbol,
          venue,
          side: one.buy ? 'buy' : 'sell',
          qty: sized(one.qty),
          ...(one.tif !== null && { price: price(one.away), tif: one.tif }),
        })
        this.#ids.push(nodes[0].node_order_id)
        return
      }
      case 'cancel': {
        const at = path(one.nth)
        if (at !== undefined) await this.call('DELETE', at)
        return
      }
      case 'amend': {
        const at = path(one.nth)
        const body = { new_price: price(one.away), new_qty: sized(one.qty) }
        if (at !== undefined) await this.call('PATCH', at, body)
        return
      }
      case 'print':
        await this.control('print-trade', {
          price: price(one.away),
          qty: sized(one.qty),
          taker_side: one.buy ? 'buy' : 'sell',
        })
        return
      case 'depth':
        await this.depth(one.away)
        return
      case 'pass':
        await perform(this.#sandbox.control, 'advance-clock', { ms: one.ms })
    }
  }

  /** Long enough for every timer that makes good what was lost. */
  async heal(): Promise<void> {
    this.#sandbox.faults.clear()
    for (let second = 0; second < 8; second++) {
      await perform(this.#sandbox.control, 'advance-clock', { ms: 1_000 })
    }
  }

  async expectAgreement(): Promise<void> {
    const { venue, venue_symbol, base } = this.#market
    const { client_id } = this.#account
    const { desk, venues: running } = this.#sandbox
    const admin = running.get(venue)?.mock?.admin
    const account_id = this.#sandbox.control.venueAccount(client_id, venue)
    if (admin === undefined || account_id === undefined) throw new Error(`${venue} has no account`)
    admin.check()
    const there = admin.account(account_id)
    const rows = await desk.positions(this.#account.live, {
      venues: [venue],
      kinds: null,
      include_closed: true,
    })
    const cash = new Map(
      rows.flatMap(({ instrument, qty_1e8 }) =>
        instrument.kind === 'fiat' || instrument.kind === 'crypto'
          ? [[instrument.symbol, qty_1e8] as const]
          : [],
      ),
    )
    for (const { asset, total_1e8 } of there.balances) {
      expect(cash.get(asset) ?? 0n, `${asset} at ${venue}`).toBe(total_1e8)
    }
    if (base === null) {
      const legs = rows.flatMap(({ instrument, qty_1e8 }) =>
        instrument.kind === 'event_contract' && instrument.market_slug === this.#market.symbol
          ? [instrument.outcome === 'NO' ? -qty_1e8 : qty_1e8]
          : [],
      )
      const held = there.positions.find((one) => one.venue_symbol === venue_symbol)?.qty_1e8 ?? 0n
      expect(
        legs.reduce((sum, one) => sum + one, 0n),
        'contracts',
      ).toBe(held)
    }

    const orders = await desk.orders(this.#account.live, { limit: 1_000 })
    const fills = await desk.fills(this.#account.live, { limit: 1_000 })
    for (const { node_order_id, filled_qty_1e8 } of orders) {
      const own = fills.filter((fill) => fill.node_order_id === node_order_id)
      expect(own.reduce((sum, fill) => sum + fill.qty_1e8, 0n)).toBe(filled_qty_1e8)
    }
    const described = (side: string, price_1e9: bigint | null, left_1e8: bigint) =>
      `${side} ${left_1e8} at ${price_1e9}`
    const resting = there.open_orders.map(({ side, price_1e9, remaining_1e8 }) =>
      described(side, price_1e9, remaining_1e8),
    )
    const working = orders.map((order) => ({
      status: order.status,
      name: described(order.side, order.limit_price_1e9, order.qty_1e8 - order.filled_qty_1e8),
    }))
    // A PARTIAL order may work or be over; any other says which.
    const surely = working.filter(({ status }) => status === 'NEW' || status === 'WORKING')
    const perhaps = working.filter(({ status }) => status === 'PARTIAL')
    const unknown = without(
      resting,
      [...surely, ...perhaps].map(({ name }) => name),
    )
    const gone = without(
      surely.map(({ name }) => name),
      resting,
    )
    expect({ unknown, gone }).toEqual({ unknown: [], gone: [] })
  }

  /** Cancels what rests; nothing may stay held anywhere. */
  async expectNothingHeld(): Promise<void> {
    const { venue } = this.#market
    expect((await this.call('PUT', '/v1/kill_switch', { enabled: true })).status).toBe(200)
    await this.heal()
    const rows = await this.#sandbox.desk.positions(this.#account.live, {
      venues: [venue],
      kinds: null,
      include_closed: true,
    })
    expect(rows.filter(({ locked_qty_1e8 }) => locked_qty_1e8 !== 0n)).toEqual([])
    const account_id = this.#sandbox.control.venueAccount(this.#account.client_id, venue) ?? -1
    const there = this.#sandbox.venues.get(venue)?.mock?.admin.account(account_id)
    expect(there?.open_orders).toEqual([])
    const orders = await this.#sandbox.desk.orders(this.#account.live, { limit: 1_000 })
    expect(orders.filter(({ status }) => status === 'NEW' || status === 'WORKING')).toEqual([])
    expect(there?.balances.filter(({ reserved_1e8 }) => reserved_1e8 !== 0n)).toEqual([])
  }
}

/** What is in the first list and not in the second, each as often. */
function without(list: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken]
  return list.filter((one) => {
    const at = left.indexOf(one)
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
}

describe.each(wired)('$id', (venue) => {
  test('a market buy that the market outran costs the desk what it cost at the venue', async () => {
    const market = marketOf(venue)
    const sandbox = await createSandbox({ store: 'memory', venues: [venue] })
    const account = sandbox.account('one')
    const story = new Story(sandbox, account, market)
    await story.depth(0)
    // What the desk sees stands still while the venue's book moves up by more than any reserve.
    const fault: FaultInput = { type: 'stale-feed', venue: venue.id }
    await perform(sandbox.control, 'inject-fault', { fault })
    const { price, qty: sized } = market
    const dear = market.base === null ? 0.9 : price(0) * 2
    await story.control('set-depth', { asks: [[dear, sized(9)]] })
    await story.tell({ do: 'place', buy: true, away: 0, qty: 1, tif: null })
    await story.heal()
    await story.expectAgreement()
    await story.expectNothingHeld()
    const [order] = await sandbox.desk.orders(account.live, { limit: 1 })
    expect(order?.status).toBe('FILLED')
    await sandbox.close()
  })

  test('orders of both sides that fill one after the other leave what the venue has left', async () => {
    const market = marketOf(venue)
    const sandbox = await createSandbox({ store: 'memory', venues: [venue] })
    const story = new Story(sandbox, sandbox.account('one'), market)
    await story.depth(0)
    // Neither has anything to close when it is placed.
    await story.tell({ do: 'place', buy: true, away: -3, qty: 2, tif: 'gtc' })
    await story.tell({ do: 'place', buy: false, away: 3, qty: 2, tif: 'gtc' })
    await story.control('set-depth', { bids: [], asks: [] })
    await story.tell({ do: 'print', away: 3, qty: 2, buy: true })
    await story.expectAgreement()
    await story.tell({ do: 'print', away: -3, qty: 2, buy: false })
    await story.expectAgreement()
    await story.expectNothingHeld()
    await sandbox.close()
  })

  test('an amendment whose answer was lost is found out, at once or when the venue is back', async () => {
    const market = marketOf(venue)
    for (const away of [false, true]) {
      const sandbox = await createSandbox({ store: 'memory', venues: [venue] })
      const account = sandbox.account('one')
      const story = new Story(sandbox, account, market)
      await story.depth(0)
      await story.tell({ do: 'place', buy: true, away: -3, qty: 1, tif: 'gtc' })
      const match = { action: 'amend-order' as const }
      const faults: FaultInput[] = [{ type: 'lost-ack', venue: venue.id, match }]
      // Nor does it answer what became of the order.
      if (away) {
        faults.push({ type: 'lost-ack', venue: venue.id, match: { action: 'read-private' } })
      }
      for (const fault of faults) await perform(sandbox.control, 'inject-fault', { fault })
      await story.tell({ do: 'amend', nth: 0, away: -2, qty: 3 })
      await story.heal()
      await story.expectAgreement()
      const [order] = await sandbox.desk.orders(account.live, { limit: 1 })
      expect(order?.qty_1e8).toBe(BigInt(Math.round(market.qty(3) * 1e8)))
      await story.tell({ do: 'print', away: -2, qty: 2, buy: false })
      await story.expectAgreement()
      await story.expectNothingHeld()
      await sandbox.close()
    }
  })

  test('whatever the wire does, the desk comes to what the venue holds', async () => {
    const market = marketOf(venue)
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 12 }),
        faults(market.venue),
        fc.nat(),
        async (steps, broken, seed) => {
          const sandbox = await createSandbox({ store: 'memory', seed, venues: [venue] })
          try {
            const account = sandbox.account('one')
            const story = new Story(sandbox, account, market)
            await story.call('GET', '/v1/positions')
            await story.depth(0)
            for (const fault of broken) await perform(sandbox.control, 'inject-fault', { fault })
            for (const one of steps) await story.tell(one)
            await story.heal()
            await story.expectAgreement()
            await story.expectNothingHeld()
            await story.expectAgreement()
          } finally {
            await sandbox.close()
          }
        },
      ),
      { numRuns: RUNS },
    )
  })
})

/**
 * Laws of the order path, over random stories of two clients in both modes: conservation, isolation,
 * determinism, no fill outside the book, no ask no market buy, and reservations that return to zero.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Account } from '../../../src/account/account.js'
import { lockedOf } from '../../../src/account/row.js'
import { profiles } from '../../../src/adversary/profile.js'
import { PRICE_SCALE } from '../../../src/engine/units.js'
import { MARKETS, type ScriptCommand, Story, script } from '../../support/desk-script.js'

const runs = Number(process.env.PAPERVENUE_RUNS ?? 250)

test('the stories of this file fill, rest, refuse, reduce and go short', () => {
  const seen = new Map<string, number>()
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  for (const commands of fc.sample(script, { numRuns: 100, seed: 7 })) {
    const story = new Story()
    for (const command of commands) story.run(command)
    for (const { changes, rows } of story.accounts.values()) {
      for (const order of changes.orders) {
        count(order.status)
        if (order.children.length > 1) count('split')
        if (order.failure_reason !== null) count(order.failure_reason)
      }
      for (const fill of changes.fills) count(fill.liquidity)
      for (const entry of changes.ledger) count(entry.cause)
      for (const row of rows.values()) if (row.qty_1e8 < 0n) count('short')
      for (const row of rows.values()) if (row.realized_1e9 !== 0n) count('realized row')
    }
  }
  for (const what of [
    ...['FILLED', 'PARTIAL', 'WORKING', 'CANCELLED', 'REJECTED', 'split', 'short'],
    ...['maker', 'taker', 'realized', 'realized row', 'INSUFFICIENT_BALANCE', 'STALE_VENUE'],
  ]) {
    expect([what, (seen.get(what) ?? 0) >= 1]).toEqual([what, true])
  }
})

test('P5: ledgers add up to the rows, and nothing is held that is not there', () => {
  fc.assert(
    fc.property(script, (commands) => {
      const story = new Story()
      for (const command of commands) {
        story.run(command)
        for (const account of story.accounts.values()) checkAccount(account)
      }
    }),
    { numRuns: runs },
  )
})

test('P5: cash moves by exactly what the fills say', () => {
  fc.assert(
    fc.property(script, (commands) => {
      const story = new Story()
      for (const command of commands) {
        if (command.type === 'configure' || command.type === 'reset') continue
        story.run(command)
      }
      for (const account of story.accounts.values()) checkSpotTwin(account)
    }),
    { numRuns: runs },
  )
})

test('reservations return to zero when every order has ended', () => {
  fc.assert(
    fc.property(script, (commands) => {
      const story = new Story({ profile: profiles.realistic })
      for (const command of commands) story.run(command)
      story.cancelEverything()
      for (const account of story.accounts.values()) {
        expect(account.children.size).toBe(0)
        expect(account.orders.size).toBe(0)
        for (const row of account.rows.values()) {
          const margins = [...account.rows.values()]
            .filter(({ venue, margin_asset }) => venue === row.venue && margin_asset === row.symbol)
            .reduce((sum, { margin_1e8 }) => sum + margin_1e8, 0n)
          expect([row.key, row.held_1e8]).toEqual([row.key, row.kind === 'perp' ? 0n : margins])
        }
      }
    }),
    { numRuns: runs },
  )
})

test('P4: no command touches another account, and no order the other edge', () => {
  fc.assert(
    fc.property(script, (commands) => {
      const story = new Story()
      for (const client of [0, 1]) for (const live of [true, false]) story.account(client, live)
      for (const command of commands) {
        const before = new Map([...story.accounts].map(([key, account]) => [key, shape(account)]))
        story.run(command)
        const owner = ownerOf(command)
        if (owner === undefined) continue
        for (const [key, account] of story.accounts) {
          if (key !== owner) expect(shape(account)).toBe(before.get(key))
        }
      }
      for (const [key, account] of story.accounts) {
        const { live, sim } = story.seen
        for (const child_id of childIds(account)) {
          expect([key, live.has(child_id), sim.has(child_id)]).toEqual([
            key,
            !account.is_sandbox,
            account.is_sandbox,
          ])
        }
      }
    }),
    { numRuns: runs },
  )
})

test('P6: the same seed and commands write the same journals, byte for byte', () => {
  fc.assert(
    fc.property(script, fc.integer(), (commands, seed) => {
      const tell = () => {
        const story = new Story({ seed, profile: { ...profiles.worst, latency: null } })
        for (const command of commands) story.run(command)
        return story.journals()
      }
      expect(tell()).toBe(tell())
    }),
    { numRuns: runs / 2 },
  )
})

test.each(['off', 'realistic', 'worst'] as const)(
  'no fill lies outside the book it met, with adversaries %s',
  (name) => {
    fc.assert(
      fc.property(script, (commands) => {
        const story = new Story({ profile: { ...profiles[name], latency: null } })
        for (const command of commands) {
          const before = story.fills.length
          story.run(command)
          const taken = new Map<string, bigint>()
          for (const { child, event, book } of story.fills.slice(before)) {
            const flips = child.outcome === 'NO'
            const price = flips ? PRICE_SCALE - event.price_1e9 : event.price_1e9
            const levels = (child.side === 'buy') !== flips ? book.asks : book.bids
            const shown = levels.find((level) => level.price_1e9 === price)?.qty_1e8 ?? 0n
            const key = `${child.venue}/${child.instrument.symbol}/${child.child_id}/${price}`
            const sum = (taken.get(key) ?? 0n) + event.qty_1e8
            taken.set(key, sum)
            expect(sum <= shown).toBe(true)
            if (child.limit_price_1e9 !== null) {
              const limit = child.limit_price_1e9
              expect(
                child.side === 'buy' ? event.price_1e9 <= limit : event.price_1e9 >= limit,
              ).toBe(true)
            }
          }
        }
      }),
      { numRuns: runs },
    )
  },
)

test('no ask, no market buy: over random books of random ages', () => {
  const levels = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 60 }).map((n) => n / 10),
    ),
    { maxLength: 3 },
  )
  fc.assert(
    fc.property(
      fc.array(fc.record({ asks: levels, bids: levels, age: fc.integer({ min: 0, max: 4000 }) }), {
        minLength: MARKETS.length,
        maxLength: MARKETS.length,
      }),
      fc.nat(MARKETS.length - 1),
      fc.boolean(),
      fc.boolean(),
      (books, market, live, pinned) => {
        const story = new Story()
        const oldest = [...books.keys()].sort((a, b) => (books[b]?.age ?? 0) - (books[a]?.age ?? 0))
        let now = 4000
        for (const nth of oldest) {
          const book = books[nth]
          if (book === undefined) continue
          story.clock.advance(now - book.age)
          now = book.age
          story.run({ type: 'book', market: nth, mid: 0, asks: book.asks, bids: book.bids })
        }
        story.clock.advance(now)
        story.run({
          type: 'order',
          client: 0,
          live,
          market,
          pinned,
          no: false,
          side: 'buy',
          qty: 1,
          price: null,
          tif: null,
          reduce_only: false,
        })
        const symbol = MARKETS[market]?.instrument.symbol
        const asked = MARKETS.some(
          ({ venue, instrument }, nth) =>
            instrument.symbol === symbol &&
            (!pinned || venue === MARKETS[market]?.venue) &&
            (books[nth]?.asks.length ?? 0) > 0 &&
            (books[nth]?.age ?? 0) <= 2000,
        )
        const account = story.account(0, live)
        const [order] = account.changes.orders
        expect(order?.failure_message === 'market buy requires a live ask').toBe(!asked)
        if (asked) return
        expect(order).toMatchObject({ status: 'REJECTED', failure_reason: 'EXCHANGE_REJECT' })
        expect(account.changes.fills).toEqual([])
        expect([...account.rows.values()].every((row) => row.held_1e8 === 0n)).toBe(true)
      },
    ),
    { numRuns: runs },
  )
})

/** As `expect`, for checks made a hundred thousand times. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

function checkAccount(account: Account): void {
  const client = new Map<string, bigint>()
  for (const [nth, { seq, holding, from, to, amount_1e8 }] of account.changes.ledger.entries()) {
    must(seq === nth + 1 && amount_1e8 > 0n && from !== to, `entry ${seq}`)
    const change = to === 'client' ? amount_1e8 : from === 'client' ? -amount_1e8 : 0n
    client.set(holding, (client.get(holding) ?? 0n) + change)
  }
  const held = new Map<string, bigint>()
  for (const child of account.children.values()) {
    for (const [key, amount] of [
      [child.cash_key, child.cash_1e8],
      [child.lock_key, child.lock_1e8],
    ] as const) {
      must(amount >= 0n, `${child.child_id} holds ${amount}`)
      if (key !== null) held.set(key, (held.get(key) ?? 0n) + amount)
    }
    must(child.filled_1e8 <= child.qty_1e8, `${child.child_id} is overfilled`)
  }
  for (const row of account.rows.values()) {
    const booked = client.get(row.key) ?? 0n
    must(booked === row.qty_1e8, `${row.key} has ${row.qty_1e8}, its ledger ${booked}`)
    client.delete(row.key)
    const margins = [...account.rows.values()]
      .filter(({ venue, margin_asset }) => venue === row.venue && margin_asset === row.symbol)
      .reduce((sum, { margin_1e8 }) => sum + margin_1e8, 0n)
    const wanted = (held.get(row.key) ?? 0n) + (row.kind === 'perp' ? 0n : margins)
    must(row.held_1e8 === wanted, `${row.key} holds ${row.held_1e8}, its orders ${wanted}`)
    if (row.kind === 'perp') continue
    must(lockedOf(row) >= 0n && lockedOf(row) <= row.qty_1e8, `${row.key} locks beyond itself`)
  }
  // What is left belongs to rows that were wiped.
  for (const [key, left] of client) must(left === 0n, `${key} is gone and still has ${left}`)
}

/** Spot balances worked out anew from nothing but the fills; a resting order may round once per order. */
function checkSpotTwin(account: Account): void {
  for (const { venue, instrument } of MARKETS) {
    if (instrument.kind !== 'spot') continue
    const fills = account.changes.fills.filter((fill) => fill.venue === venue.id)
    let base = 0n
    let quote_1e17 = 0n
    for (const { side, px_1e9, qty_1e8, fee_1e8 } of fills) {
      const sign = side === 'buy' ? 1n : -1n
      base += sign * qty_1e8
      quote_1e17 -= sign * px_1e9 * qty_1e8 + fee_1e8 * PRICE_SCALE
    }
    const cash = account.cash(venue.id, instrument.quote)
    const goods = account.cash(venue.id, instrument.base)
    expect(goods?.qty_1e8 ?? 0n).toBe(base)
    const exact = 900n * 100_000_000n * PRICE_SCALE + quote_1e17
    const drift = (cash?.qty_1e8 ?? 0n) * PRICE_SCALE - exact
    // Rounding is against the trader, by less than one unit a fill.
    expect(drift <= 0n && drift > -PRICE_SCALE * BigInt(fills.length + 1)).toBe(true)
  }
}

/** Everything an account is, as text. */
function shape(account: Account): string {
  const { counters, changes } = account
  const rows = [...account.rows.values()].map((row) => [row.key, row.qty_1e8, row.held_1e8])
  return [
    JSON.stringify(counters),
    rows.join(';'),
    [...account.orders.values()]
      .map(({ node_order_id, status }) => [node_order_id, status])
      .join(';'),
    changes.journal.length,
  ].join('|')
}

function ownerOf(command: ScriptCommand): string | undefined {
  switch (command.type) {
    case 'order':
    case 'cancel':
    case 'amend':
      return `${command.client}/${command.live}`
    case 'configure':
    case 'reset':
      return `${command.client}/false`
    default:
      return undefined
  }
}

function childIds(account: Account): string[] {
  return [...account.changes.orders].flatMap(({ children }) =>
    children.map(({ child_id }) => child_id),
  )
}

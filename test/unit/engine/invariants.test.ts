/**
 * Each law is broken by hand once: the check must see it and name it.
 */
import { expect, test } from 'vitest'
import { collateralOf } from '../../../src/engine/collateral/kinds.js'
import { Core, type Seat } from '../../../src/engine/core.js'
import { REDUCE_ONLY } from '../../../src/engine/flags.js'
import { BrokenInvariant, check, type Law } from '../../../src/engine/invariants.js'
import { marketOf } from '../../../src/engine/market.js'
import { btcUsd, freeRules, kxTest, USD } from '../../support/engine.js'

const perp = { ...btcUsd, kind: 'perp', venue_symbol: 'PERP', leverage_max: 10 } as const

/** One account with an order on a spot, an event and a perp market, and the positions behind them. */
function sound() {
  const core = new Core(freeRules)
  core.openAccount(null)
  const account = core.openAccount(null)
  const other = core.openAccount(null)
  const markets = [btcUsd, kxTest, perp].map((instrument) => marketOf(core, instrument))
  for (const asset of core.ledger.assets.keys()) {
    for (const { id } of [account, other]) core.ledger.balance(id, asset).total_1e8 = 100n * USD
    core.ledger.external_1e8[asset] = 200n * USD
  }
  const seats = markets.map((market) => core.seat(account, market))
  const opposite = markets.map((market) => core.seat(other, market))
  const [, event] = markets
  if (event !== undefined) hold(seats[1], opposite[1], 50)
  hold(seats[2], opposite[2], 50)
  if (event !== undefined) {
    event.pool_1e8 = event.money.qty_1e8(50)
    core.venue(event.quote, event.pool_1e8)
    core.ledger.external_1e8[event.quote] = 200n * USD + event.pool_1e8
  }
  let id = 0
  const rest = (seat: Seat | undefined, side: 0 | 1, price: number, flags = 0) => {
    if (seat === undefined) throw new Error('no seat')
    id += 1
    const slot = seat.market.book.rest(side, price, id, seat.number, 10, flags)
    core.slots.add(id, slot)
    core.link(seat, slot)
    collateralOf(seat.market).reserve(core, seat, slot, null)
    return slot
  }
  const slots = [
    rest(seats[0], 0, 30),
    rest(seats[1], 1, 60),
    rest(seats[2], 0, 40),
    rest(seats[2], 1, 90, REDUCE_ONLY),
  ]
  return { core, account, seats, slots, markets }
}

function hold(long: Seat | undefined, short: Seat | undefined, lots: number): void {
  if (long === undefined || short === undefined) throw new Error('no seat')
  long.position_lots = lots
  short.position_lots = -lots
  long.market.position_lots = 2 * lots
  long.cost_1e8 = short.cost_1e8 = 100n
}

type Sound = ReturnType<typeof sound>
const pick = <T>(list: readonly T[], at: number): T => {
  const found = list[at]
  if (found === undefined) throw new Error(`nothing at ${at}`)
  return found
}

const breaches: [Law, string, (state: Sound) => void][] = [
  [
    'book-never-crossed',
    'a bid above the ask',
    ({ core, markets, seats }) => {
      const market = pick(markets, 2)
      const slot = market.book.rest(0, 95, 99, pick(seats, 2).number, 1, 0)
      core.slots.add(99, slot)
    },
  ],
  [
    'levels-equal-sums',
    'a level that forgot lots',
    ({ core, slots }) => {
      core.store.setTotal(core.store.level(pick(slots, 0)), 3)
    },
  ],
  [
    'levels-equal-sums',
    'an order without lots',
    ({ core, slots }) => {
      core.store.setRemaining(pick(slots, 0), 0)
    },
  ],
  [
    'levels-equal-sums',
    'a level under another price',
    ({ core, slots }) => {
      core.store.setPrice(core.store.level(pick(slots, 0)), 31)
    },
  ],
  [
    'levels-equal-sums',
    'a tail that is not the last',
    ({ core, slots }) => {
      core.store.setTail(core.store.level(pick(slots, 0)), 7)
    },
  ],
  [
    'levels-equal-sums',
    'a link that does not lead back',
    ({ core, slots }) => {
      core.store.setPrev(pick(slots, 0), 5)
    },
  ],
  [
    'levels-equal-sums',
    'a level of another book',
    ({ core, slots }) => {
      core.store.setHome(core.store.level(pick(slots, 0)), 4)
    },
  ],
  ['orders-indexed', 'an order nobody can name', ({ core }) => core.slots.remove(1)],
  ['orders-indexed', 'an id of nothing', ({ core }) => core.slots.add(77, 60)],
  [
    'orders-indexed',
    'a seat that counts wrongly',
    ({ seats }) => {
      pick(seats, 0).orders += 1
    },
  ],
  [
    'orders-indexed',
    'an order of another market',
    ({ core, seats }) => {
      core.seats[pick(seats, 0).number] = pick(seats, 1)
    },
  ],
  [
    'ledger-conserved',
    'money from nowhere',
    ({ core }) => {
      core.ledger.balance(2, 0).total_1e8 += 1n
    },
  ],
  ['ledger-conserved', 'money from the venue', ({ core }) => core.venue(0, -1n)],
  [
    'reserved-within-total',
    'more reserved than there is',
    ({ core }) => {
      core.ledger.balance(1, 0).total_1e8 = 20n
    },
  ],
  [
    'reserved-equals-holds',
    'a hold nobody reserved',
    ({ core }) => {
      core.ledger.balance(1, 0).reserved_1e8 += 1n
    },
  ],
  [
    'reserved-equals-holds',
    'margin nobody holds',
    ({ account }) => {
      for (const margin of account.margins.values()) margin.held_1e8 += 1n
    },
  ],
  [
    'positions-balance',
    'a long without a short',
    ({ seats, markets }) => {
      pick(seats, 1).position_lots += 1
      pick(markets, 1).position_lots += 1
    },
  ],
  [
    'positions-balance',
    'a position on spot',
    ({ seats, markets }) => {
      pick(seats, 0).position_lots = 1
      pick(markets, 0).position_lots = 1
    },
  ],
  [
    'positions-balance',
    'a sum that is told wrongly',
    ({ markets }) => {
      pick(markets, 2).position_lots += 1
    },
  ],
  [
    'pool-covers-pairs',
    'a pool that is short',
    ({ markets }) => {
      pick(markets, 1).pool_1e8 -= 1n
    },
  ],
  [
    'pool-covers-pairs',
    'clearing that is short',
    ({ markets }) => {
      pick(markets, 2).pool_1e8 -= 1n
    },
  ],
  [
    'cover-within-position',
    'a promise nobody made',
    ({ seats }) => {
      pick(seats, 1).committed_lots += 1
    },
  ],
  [
    'cover-within-position',
    'a promise of more than the order',
    ({ core, slots }) => {
      core.store.setCover(pick(slots, 1), 11)
    },
  ],
  [
    'cover-within-position',
    'a promise of NO that is not held',
    ({ seats }) => {
      pick(seats, 1).no_committed_lots += 1
    },
  ],
  [
    'reduce-only-within-position',
    'an order that would flip',
    ({ core, slots, markets }) => {
      pick(markets, 2).book.shrink(pick(slots, 3), -100)
      core.store.setCover(pick(slots, 3), 0)
    },
  ],
  [
    'margin-holds',
    'a cross position under water',
    ({ markets }) => {
      pick(markets, 2).mark_ticks = 10 ** 13
    },
  ],
  [
    'margin-holds',
    'an isolated position under water',
    ({ seats }) => {
      pick(seats, 2).margin = 'isolated'
    },
  ],
]

test('a sound state passes', () => {
  expect(() => check(sound().core)).not.toThrow()
})

test.each(breaches)('%s: %s', (law, _, breach) => {
  const state = sound()
  breach(state)
  let caught: unknown
  try {
    check(state.core)
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(BrokenInvariant)
  expect(caught).toMatchObject({ law, message: expect.stringContaining(law) })
})

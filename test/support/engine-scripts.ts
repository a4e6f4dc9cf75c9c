/**
 * Random command scripts for an exchange: small numbers, so that orders meet, funds run short and
 * positions flip often.
 *
 * @module
 */

import fc from 'fast-check'
import type { Command, PlaceCommand } from '../../src/engine/command.js'
import type { Exchange } from '../../src/engine/exchange.js'
import type { Instrument } from '../../src/engine/instrument.js'

type Untimed<T> = T extends unknown ? Omit<T, 'ts_us'> : never
/** A command whose order id, if it has one, is chosen among the orders open at that moment. */
export type Step = {
  readonly command: Untimed<Command>
  readonly pick: number
  readonly wait: number
}

export const ACCOUNTS = 4

const amount = (most: number) =>
  fc.integer({ min: 1, max: most }).map((n) => BigInt(n) * 1_000_000n)

/** Runs of up to `length` commands on one market, its accounts and cash already set up by `begin`. */
export function scripts(
  instrument: Instrument,
  price: { min: number; max: number },
  length: number,
): fc.Arbitrary<Step[]> {
  return fc.array(step(instrument, price), { minLength: 1, maxLength: length, size: 'max' })
}

function step(instrument: Instrument, price: { min: number; max: number }): fc.Arbitrary<Step> {
  const account_id = fc.integer({ min: 1, max: ACCOUNTS })
  const name = instrument.venue_symbol
  const price_ticks = fc.integer(price)
  const lots = fc.integer({ min: 1, max: 20 })
  const place = fc
    .record({
      type: fc.constant('place' as const),
      account_id,
      instrument: fc.constant(name),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price_ticks: fc.option(price_ticks, { freq: 8 }),
      qty_lots: lots,
      quote_budget_1e8: fc.option(amount(50), { freq: 2, nil: null }).map((b) => b),
      time_in_force: fc.constantFrom<PlaceCommand['time_in_force']>(
        ...(['gtc', 'gtc', 'gtc', 'gtc', 'ioc', 'fok', 'gtd'] as const),
      ),
      expire_ts_us: fc.constant<number | null>(null),
      post_only: fc.constantFrom<PlaceCommand['post_only']>(
        ...(['no', 'no', 'no', 'no', 'no', 'no', 'reject', 'reprice'] as const),
      ),
      reduce_only: instrument.kind === 'spot' ? fc.constant(false) : oneIn(6),
      self_trade: fc.constantFrom<PlaceCommand['self_trade']>(
        'cancel-taker',
        'cancel-maker',
        'cancel-both',
        'decrement',
        'allow',
      ),
      fee_in:
        instrument.kind === 'spot'
          ? fc.constantFrom<PlaceCommand['fee_in']>('quote', 'quote', 'base')
          : fc.constant<PlaceCommand['fee_in']>('quote'),
      margin: fc.constantFrom<PlaceCommand['margin']>('cross', 'cross', 'isolated'),
      leg: fc.constantFrom<'YES' | 'NO'>('YES', 'NO'),
    })
    .map((command) =>
      command.price_ticks === null && command.side === 'buy' && instrument.kind === 'spot'
        ? { ...command, qty_lots: command.quote_budget_1e8 === null ? command.qty_lots : 0 }
        : { ...command, quote_budget_1e8: null },
    )
  const commands: { weight: number; arbitrary: fc.Arbitrary<Untimed<Command>> }[] = [
    { weight: 20, arbitrary: place },
    {
      weight: 5,
      arbitrary: fc.record({ type: fc.constant('cancel'), account_id, order_id: fc.constant(0) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('amend'),
        account_id,
        order_id: fc.constant(0),
        price_ticks,
        remaining_lots: lots,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('cancel-all'),
        account_id,
        instrument: fc.constantFrom(null, name),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ type: 'tick' }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('transfer'),
        account_id,
        asset: fc.constantFrom(instrument.quote, instrument.base),
        amount_1e8: fc.integer({ min: -20, max: 20 }).map((n) => BigInt(n) * 1_000_000n),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('market-state'),
        instrument: fc.constant(name),
        state: fc.constantFrom('open', 'open', 'open', 'paused', 'post-only', 'limit-only'),
        cancel_resting: oneIn(4),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(price_ticks, price_ticks, oneIn(2)).map(([a, b, lifted]) => ({
        type: 'price-collar' as const,
        instrument: name,
        low_ticks: lifted ? null : Math.min(a, b),
        high_ticks: lifted ? null : Math.max(a, b),
      })),
    },
  ]
  commands.push({
    weight: 1,
    // Orders that rest off the new grid stay; amending them asks for a price on it.
    arbitrary: fc.constantFrom(1n, 1n, 2n, 5n).map((step) => ({
      type: 'price-grid' as const,
      instrument: name,
      price_bands:
        step === 1n
          ? []
          : [
              {
                from_1e9: 0n,
                to_1e9: instrument.tick_size_1e9 * 200n,
                step_1e9: instrument.tick_size_1e9 * step,
              },
            ],
    })),
  })
  if (instrument.kind === 'event') {
    commands.push(
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('endow'),
          account_id,
          instrument: fc.constant(name),
          qty_lots: fc.integer({ min: -15, max: 15 }),
          entry_ticks: price_ticks,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constantFrom('split', 'merge'),
          account_id,
          instrument: fc.constant(name),
          qty_lots: lots,
        }),
      },
    )
  }
  if (instrument.kind === 'perp') {
    commands.push(
      {
        weight: 5,
        arbitrary: fc
          .tuple(
            fc.integer({ min: Math.floor(price.min * 0.8), max: Math.ceil(price.max * 1.2) }),
            fc.integer({ min: -1, max: 1 }),
          )
          .map(([mark_ticks, off]) => ({
            type: 'mark' as const,
            instrument: name,
            mark_ticks,
            oracle_ticks: mark_ticks + off,
          })),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('funding'),
          instrument: fc.constant(name),
          rate_1e9: fc.integer({ min: -40_000_000, max: 40_000_000 }).map(BigInt),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constant('leverage'),
          account_id,
          instrument: fc.constant(name),
          leverage: fc.integer({ min: 1, max: instrument.leverage_max }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('open-interest-cap'),
          instrument: fc.constant(name),
          cap_lots: fc.option(fc.integer({ min: 5, max: 60 }), { nil: null }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('endow'),
          account_id,
          instrument: fc.constant(name),
          qty_lots: fc.integer({ min: -15, max: 15 }),
          entry_ticks: price_ticks,
        }),
      },
    )
  }
  return fc.record({
    command: fc.oneof(...commands) as fc.Arbitrary<Untimed<Command>>,
    pick: fc.nat(1_000),
    wait: fc.integer({ min: 1, max: 5 }),
  })
}

const oneIn = (n: number) => fc.integer({ min: 1, max: n }).map((drawn) => drawn === 1)

/** The step as a command for this exchange now: its order id and times filled in. */
export function bind(exchange: Exchange, { command, pick, wait }: Step): Command {
  const ts_us = exchange.ts_us + wait
  if (command.type === 'cancel' || command.type === 'amend') {
    const open = [1, 2, 3, 4].flatMap((account_id) => exchange.openOrders(account_id))
    const order = open[pick % Math.max(1, open.length)]
    // Now and then somebody names an order that is not theirs.
    const account_id =
      order === undefined || pick % 11 === 0 ? command.account_id : order.account_id
    return { ...command, account_id, order_id: order?.order_id ?? 0, ts_us }
  }
  if (command.type === 'place' && command.time_in_force === 'gtd') {
    return { ...command, expire_ts_us: ts_us + (pick % 40), ts_us }
  }
  return { ...command, ts_us } as Command
}

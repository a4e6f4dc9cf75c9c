/**
 * Kraken: spot REST and WebSocket v2.
 *
 * @see README.md for what is served, what is not, and the switches
 *
 * @module
 */

import { defineVenue, type MockOptions, type MockVenue } from '../../src/venue/contract.js'
import { venueExchange } from '../../src/venue/exchange-port.js'
import { VenueHost } from '../../src/venue/host.js'
import { mockVenue } from '../../src/venue/mock.js'
import { settlementOf } from '../../src/venue/settlement.js'
import { Sockets } from '../../src/venue/sockets.js'
import { credentials } from './auth.js'
import { krakenClient } from './client.js'
import { Feed, type Interest } from './feed.js'
import { fees, money } from './fees.js'
import { instruments, Pairs } from './instruments.js'
import { krakenRoutes } from './routes.js'
import type { KrakenHost, RuleContext, Switches } from './rules.js'
import { Tokens } from './tokens.js'
import { reducer, Trading } from './trading.js'
import { traits } from './traits.js'
import { fillText, orderText, rfc3339 } from './wire.js'

const SOCKET_PATH = '/v2'

/** Makes the mock server's side. @throws RangeError on a switch or a value the README does not name. */
export function krakenMock(options: MockOptions): MockVenue {
  const host: KrakenHost = new VenueHost({
    id: 'kraken',
    world: options.world,
    exchange: venueExchange({ rules: money }),
    instruments: options.instruments ?? instruments,
    orderText,
    fillText,
    reducer,
    ...settlementOf(options),
    ...(options.journal === undefined ? {} : { journal: options.journal }),
  })
  const pairs = new Pairs()
  for (const instrument of host.instruments()) pairs.add(instrument)
  const context: RuleContext = { host, pairs, switches: readSwitches(options.switches ?? {}) }
  const trading = new Trading(context)
  const tokens = new Tokens(host)
  const sockets = new Sockets<Interest>({ durability: host })
  const feed = new Feed({ context, trading, tokens, sockets })
  const mock = mockVenue({
    host,
    credentials,
    routes: krakenRoutes({ context, trading, tokens }),
    sockets,
    socketPaths: [SOCKET_PATH],
    connect: (_request, peer) => feed.open(peer),
    wire: traits(tokens, () => rfc3339(host.clock_us())),
    close: () => feed.close(),
  })
  const relist = () => {
    for (const instrument of host.instruments()) pairs.add(instrument)
  }
  host.onReset(relist)
  return {
    ...mock,
    recover: async () => {
      await mock.recover()
      relist()
    },
  }
}

function readSwitches(given: NonNullable<MockOptions['switches']>): Switches {
  const choices = {
    post_only: ['cancel', 'refuse'],
    price_text: ['tick', 'decimals'],
    rate_limits: ['off', 'starter', 'intermediate', 'pro'],
  } as const
  for (const [name, value] of Object.entries(given)) {
    const known: readonly unknown[] | undefined = Object.hasOwn(choices, name)
      ? choices[name as keyof typeof choices]
      : undefined
    if (known?.includes(value)) continue
    throw new RangeError(
      known === undefined
        ? `kraken has no switch ${name}; it has ${Object.keys(choices).join(', ')}.`
        : `kraken's switch ${name} is ${String(value)}; one of ${known.join(', ')} is expected.`,
    )
  }
  return { post_only: 'cancel', price_text: 'tick', rate_limits: 'off', ...given } as Switches
}

export const kraken = defineVenue({
  id: 'kraken',
  title: 'Kraken',
  capabilities: {
    kinds: ['spot'],
    time_in_force: ['gtc', 'ioc', 'fok', 'gtd'],
    market_order: 'native',
    market_buy_by_quote: true,
    post_only: 'accept-then-cancel',
    reduce_only: 'none',
    amend: 'native',
    event_short: 'refuse',
    event_netting: 'net',
    fee_hold: 'taker-at-limit',
    self_trade: 'cancel-taker',
    shape_check: 'first',
    latency_ms: 60,
  },
  quote_assets: [
    { asset: 'USD', kind: 'fiat' },
    { asset: 'USDC', kind: 'crypto' },
    { asset: 'USDT', kind: 'crypto' },
  ],
  instruments,
  fees,
  mock: krakenMock,
  client: krakenClient,
})

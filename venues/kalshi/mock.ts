/**
 * Mock: the far end of Kalshi's wire, put together from the venue host, the routes and the feed.
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'
import { PRICE_SCALE } from '../../src/engine/units.js'
import type { CredentialMaker } from '../../src/venue/admin.js'
import type { MockOptions, MockVenue } from '../../src/venue/contract.js'
import { venueExchange } from '../../src/venue/exchange-port.js'
import { VenueHost } from '../../src/venue/host.js'
import { mockVenue } from '../../src/venue/mock.js'
import { settlementOf } from '../../src/venue/settlement.js'
import type { Venue } from './call.js'
import { type VenueCommand, venueCommand } from './commands.js'
import { ed25519Pair } from './ed25519.js'
import { Feed, SOCKET_PATH } from './feed.js'
import { CENT_1E8, CENTICENT_1E8, centsEraFee, netFee } from './fees.js'
import { instruments as defaults } from './instruments.js'
import { Limits } from './limits.js'
import { type KalshiOptions, kalshiOptions } from './options.js'
import { TICK_1E9 } from './price-levels.js'
import { chargedTerms, kalshiReducer } from './reducer.js'
import { answer } from './routes.js'
import { publicOf, rsaPair } from './rsa.js'
import { type Host, orderText } from './views.js'
import { wireTraits } from './wire-traits.js'

/** A mock Kalshi with the hands that only Kalshi needs. */
export interface KalshiMock extends MockVenue {
  /**
   * Kalshi's own commands: pauses, dates, disputes, fee changes and waivers, keys with scopes.
   *
   * @example
   * mock.tell({ name: 'pause', venue: 'trading-paused' })
   */
  tell(command: VenueCommand): unknown
  /** Sessions and subscriptions held, for tests that look for leaks. */
  readonly held: { readonly sessions: number; readonly subscriptions: number }
}

export function kalshiMock(options: MockOptions): KalshiMock {
  const settings = kalshiOptions(options.switches)
  const listed = (options.instruments ?? defaults).map(canonical)
  const lazy: { host: Host | null } = { host: null }
  const host: Host = new VenueHost({
    id: 'kalshi',
    world: options.world,
    exchange: venueExchange({
      fok_self_trade: 'as-ioc',
      rules: {
        fee: (fill) => feeOf(settings, lazy.host, fill),
        // The fee is part of the check only where the order would execute now (recommended reading).
        feeHold: () => 0n,
        eventNetting: 'net',
      },
    }),
    instruments: listed,
    listedState: () => 'pending',
    orderText,
    fillText: (fill_no) => `${fill_no}`,
    reducer: kalshiReducer,
    ...settlementOf(options),
    ...(options.journal === undefined ? {} : { journal: options.journal }),
  })
  lazy.host = host
  const venue: Venue = { host, options: settings, limits: new Limits(settings.tier) }
  const feed = new Feed(venue)
  const mock = mockVenue({
    host,
    credentials,
    routes: (request) => answer(venue, request),
    sockets: feed.sockets,
    socketPaths: [SOCKET_PATH],
    connect: (request, peer) => feed.connect(request, peer),
    wire: wireTraits(host),
    close: () => feed.close(),
  })
  return {
    ...mock,
    admin: { ...mock.admin, list: (instrument) => host.list(canonical(instrument), 'pending') },
    recover: async () => {
      await mock.recover()
      feed.restart()
    },
    tell: (command) => host.apply(venueCommand(command)).value,
    get held() {
      return feed.held
    },
  }
}

type FeeRule = Parameters<typeof venueExchange>[0]['rules']['fee']

/** The net fee of a fill by the terms in force now. */
function feeOf(
  { era, member }: KalshiOptions,
  host: Host | null,
  fill: Parameters<FeeRule>[0],
): ReturnType<FeeRule> {
  const { liquidity, side, price_1e9, qty_1e8, carry_1e8 } = fill
  const terms = host === null ? null : chargedTerms(host.state, fill.instrument.venue_symbol)
  if (terms === null) return { fee_1e8: 0n, carry_1e8 }
  if (era === 'legacy') return centsEraFee({ terms, liquidity, price_1e9, qty_1e8, carry_1e8 })
  const precision_1e8 = member === 'direct' ? CENTICENT_1E8 : CENT_1E8
  return netFee({ terms, liquidity, side, price_1e9, qty_1e8, carry_1e8, precision_1e8 })
}

/** A listed market in Kalshi's own steps: tick $0.0001, lot 0.01; its grid stays what it was. */
function canonical(instrument: Instrument): Instrument {
  const { venue_symbol, kind, quote, tick_size_1e9, lot_size_1e8, price_bands } = instrument
  if (kind !== 'event' || quote !== 'USD') {
    throw new RangeError(`kalshi cannot list ${venue_symbol}: event contracts in USD are expected.`)
  }
  if (tick_size_1e9 % TICK_1E9 !== 0n || lot_size_1e8 % 1_000_000n !== 0n) {
    throw new RangeError(
      `kalshi cannot list ${venue_symbol}: its tick must be whole steps of $0.0001 and its lot of 0.01 contracts.`,
    )
  }
  const whole = { from_1e9: tick_size_1e9, to_1e9: PRICE_SCALE - tick_size_1e9 }
  return {
    ...instrument,
    tick_size_1e9: TICK_1E9,
    lot_size_1e8: 1_000_000n,
    price_bands: price_bands.length > 0 ? price_bands : [{ ...whole, step_1e9: tick_size_1e9 }],
  }
}

/** Credentials: a key id and an RSA pair, or what the caller brings (an Ed25519 key works too). */
const credentials: CredentialMaker = {
  key: ({ key_id = '' }) => key_id,
  cheap: (secret) => ({ key_id: keyId(secret), ...ed25519Pair(secret) }),
  make: (secret, given) => {
    const key_id = given.key_id ?? keyId(secret)
    if (given.public_key_pem !== undefined) {
      return { ...given, key_id, public_key_pem: given.public_key_pem }
    }
    if (given.private_key_pem !== undefined) {
      const { private_key_pem } = given
      return { ...given, key_id, private_key_pem, public_key_pem: publicOf(private_key_pem) }
    }
    return { ...given, key_id, ...rsaPair(secret) }
  },
}

function keyId(secret: Uint8Array): string {
  const hex = Buffer.from(secret).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

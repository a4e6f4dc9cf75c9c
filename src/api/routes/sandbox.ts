/**
 * Sandbox: the paper portfolio of a client. Test keys only.
 *
 * @see spec section 2
 * @module
 */

import type { Desk, PositionInput, PositionKind } from '../../desk/contract.js'
import { formatDecimal } from '../../engine/decimal.js'
import type { Venue } from '../../venue/contract.js'
import { numberText } from '../../wire/json.js'
import { type ApiHono, mount } from '../endpoint.js'
import { type ErrorDetail, invalidBody } from '../errors.js'
import { choice, decimal, flag, human, maybe, text, z } from '../schema.js'
import { venueNames } from '../venue-names.js'

const KINDS = ['fiat', 'crypto', 'event_contract', 'perp'] as const

const positionInput = z
  .object({
    venue: text({ max: 64, description: 'Venue name, e.g. kraken' }),
    kind: choice(KINDS, 'What is held'),
    symbol: text({
      description:
        'Asset code, perp symbol (BTC-USD-PERP), Kalshi ticker with :YES or :NO, or Polymarket token id',
    }),
    qty: decimal({
      decimals: 8,
      sign: 'any',
      description: 'Human units; negative for short perps only',
    }),
    entry_price_usd: maybe(
      decimal({
        decimals: 9,
        sign: 'not-negative',
        description: 'Cost basis per unit. Default: 1 for fiat and dollar-pegged coins, else 0',
      }),
    ),
  })
  .openapi('SandboxPosition')

const positionsBody = z
  .object({
    positions: z
      .array(positionInput, { error: 'must be an array of positions' })
      .max(10_000, 'must not hold more than 10000 positions'),
    replace: maybe(flag('Delete all existing sandbox positions first. Default false')),
  })
  .openapi('SandboxPositionsRequest')

const written = z
  .object({ written: z.number().int(), deleted: z.number().int() })
  .openapi('SandboxPositionsResponse')

/** Keeps one row's value inside a signed 64-bit integer. */
const BALANCE_MAX = 9_000_000_000n * 1_000_000_000n

const settingsBody = z
  .object({
    initial_balance_usd: decimal({
      decimals: 9,
      sign: 'positive',
      max: BALANCE_MAX,
      description: 'Amount per quote asset used by the next reset; at most 9e9',
    }),
  })
  .openapi('SandboxSettingsRequest')

const settings = z
  .object({ initial_balance_usd: human('Amount per quote asset seeded by a reset') })
  .openapi('SandboxSettings')

const resetDone = z
  .object({
    reset: z.literal(true),
    initial_balance_usd: human('Amount seeded per quote asset'),
    venues_seeded: z.number().int(),
  })
  .openapi('SandboxReset')

export function mountSandbox(
  app: ApiHono,
  { desk, venues, body_limit }: { desk: Desk; venues: readonly Venue[]; body_limit: number },
): void {
  const known = new Map(venues.map((venue) => [venue.id, venue]))
  const canonicalVenue = venueNames(venues)

  mount(
    app,
    {
      method: 'post',
      path: '/v1/sandbox/positions',
      tag: 'Sandbox',
      summary: 'Set explicit paper positions',
      description:
        'Upserts by (venue, kind, symbol), or replaces the whole portfolio. All rows are valid or nothing is written.',
      needs: 'test-key',
      body: positionsBody,
      answer: written,
      handle: ({ who, body }) => {
        const replace = body.replace ?? false
        const details: ErrorDetail[] = []
        if (body.positions.length === 0 && !replace) {
          details.push({ field: 'positions', message: 'must not be empty unless replace is true' })
        }
        const inputs = body.positions.map((row, i): PositionInput => {
          const venue = canonicalVenue(row.venue)
          details.push(...faultsOf(row, known.get(venue), `positions[${i}]`))
          return {
            venue,
            kind: row.kind,
            symbol: row.symbol,
            qty_1e8: row.qty,
            ...(row.entry_price_usd != null && { entry_price_1e9: row.entry_price_usd }),
          }
        })
        if (details.length > 0) throw invalidBody(details)
        return desk.configure(who, inputs, replace)
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'post',
      path: '/v1/sandbox/reset',
      tag: 'Sandbox',
      summary: 'Delete all paper positions and seed flat balances on all venues',
      description:
        'Cancels open paper orders first. Order and fill history stays, live rows are untouched. The amount per quote asset is that of the settings.',
      needs: 'test-key',
      answer: resetDone,
      handle: async ({ who }) => {
        const { initial_balance_usd_1e9, venues_seeded } = await desk.reset(who)
        return { reset: true, initial_balance_usd: dollars(initial_balance_usd_1e9), venues_seeded }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'put',
      path: '/v1/sandbox/settings',
      tag: 'Sandbox',
      summary: 'Set the flat amount that the next reset seeds',
      description: 'Nothing changes until the next reset.',
      needs: 'test-key',
      body: settingsBody,
      answer: settings,
      handle: async ({ who, body }) => shown(await desk.putSettings(who, body.initial_balance_usd)),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/sandbox/settings',
      tag: 'Sandbox',
      summary: 'The flat amount that the next reset seeds',
      description: 'One billion dollars unless the client set another.',
      needs: 'test-key',
      answer: settings,
      handle: async ({ who }) => shown(await desk.settings(who)),
    },
    { body_limit },
  )
}

const shown = ({ initial_balance_usd_1e9 }: { initial_balance_usd_1e9: bigint }) => ({
  initial_balance_usd: dollars(initial_balance_usd_1e9),
})

/** As the original prints it: with a decimal point. */
function dollars(amount_1e9: bigint) {
  const text = formatDecimal(amount_1e9, 9)
  return numberText(text.includes('.') ? text : `${text}.0`)
}

function faultsOf(
  row: z.infer<typeof positionInput>,
  venue: Venue | undefined,
  at: string,
): ErrorDetail[] {
  const faults: ErrorDetail[] = []
  const fault = (field: string, message: string) =>
    faults.push({ field: `${at}.${field}`, message })
  if (venue === undefined) fault('venue', `unknown venue ${row.venue}`)
  else if (!fits(venue, row.kind)) fault('kind', `${venue.id} has no ${row.kind} positions`)
  if (row.qty < 0n && row.kind !== 'perp') fault('qty', `must not be negative for ${row.kind}`)
  if (row.kind === 'perp' && !row.symbol.endsWith('-PERP')) {
    fault('symbol', 'a perp symbol ends in -PERP')
  }
  if (row.kind === 'event_contract') {
    if (/^:(?:yes|no)$/i.test(row.symbol))
      fault('symbol', 'a market name is expected before the outcome')
    if (row.entry_price_usd != null && row.entry_price_usd > 1_000_000_000n) {
      fault('entry_price_usd', 'must not be more than 1 for an event contract')
    }
  }
  return faults
}

function fits(venue: Venue, kind: PositionKind): boolean {
  if (kind === 'perp') return venue.capabilities.kinds.includes('perp')
  if (kind === 'event_contract') return venue.capabilities.kinds.includes('event')
  return true
}

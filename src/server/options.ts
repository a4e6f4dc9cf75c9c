/**
 * Options: what a server is told, from flags, a configuration file and the environment, in that order.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type ProfileName, profiles } from '../adversary/profile.js'
import { parseDecimal } from '../engine/decimal.js'
import type { DeskLimits } from '../engine/guards.js'
import type { VenueSwitches } from './open-venues.js'
import { UsageError } from './usage-error.js'

export interface ServeOptions {
  readonly port: number
  readonly host: string
  readonly data?: string
  readonly database_url?: string
  readonly seed: number
  readonly liquidity: 'quiet' | 'live' | `replay:${string}`
  /** How hard the simulator treats sandbox orders; absent: realistic. */
  readonly adversary?: ProfileName
  /** Venue -> port of its own. */
  readonly venue_ports: Readonly<Record<string, number>>
  /** Venue -> its own switches. */
  readonly switches: VenueSwitches
  /** Calls per second and client; absent: no limit. */
  readonly rate_limit?: number
  readonly limits: Partial<DeskLimits>
  readonly key_form: 'strict' | 'lax'
  /** Opens `/control` to callers from elsewhere. */
  readonly admin_token?: string
  readonly log_level: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}

/** Flags as the command line has them; absent: not given. */
export interface ServeFlags {
  readonly port?: string
  readonly host?: string
  readonly data?: string
  readonly databaseUrl?: string
  readonly seed?: string
  readonly liquidity?: string
  readonly adversary?: string
  readonly config?: string
  readonly venuePort?: readonly string[]
  readonly switch?: readonly string[]
  readonly rateLimit?: string
  readonly maxPosition?: string
  readonly maxDailyLoss?: string
  readonly maxDeviation?: string
  readonly laxKeys?: boolean
  readonly adminToken?: string
  readonly logLevel?: string
}

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

const config = z.strictObject({
  port: z.number().optional(),
  host: z.string().optional(),
  data: z.string().optional(),
  database_url: z.string().optional(),
  seed: z.number().optional(),
  liquidity: z.string().optional(),
  adversary: z.string().optional(),
  venue_ports: z.record(z.string(), z.number()).optional(),
  switches: z
    .record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
    .optional(),
  rate_limit: z.number().optional(),
  max_position: z.string().optional(),
  max_daily_loss: z.string().optional(),
  max_deviation: z.string().optional(),
  lax_keys: z.boolean().optional(),
  admin_token: z.string().optional(),
  log_level: z.string().optional(),
})

/**
 * @throws UsageError naming the option, what was given and what is expected.
 */
export function serveOptions(
  flags: ServeFlags,
  env: Readonly<Record<string, string | undefined>>,
): ServeOptions {
  const file = flags.config === undefined ? {} : readConfig(flags.config)
  const database_url = flags.databaseUrl ?? file.database_url ?? env.DATABASE_URL
  const data = flags.data ?? file.data
  if (data !== undefined && (flags.databaseUrl ?? file.database_url) !== undefined) {
    throw new UsageError('--data and --database-url exclude each other')
  }
  const admin_token = flags.adminToken ?? file.admin_token ?? env.PAPERVENUE_ADMIN_TOKEN
  if (admin_token !== undefined && admin_token.length < 16) {
    throw new UsageError('--admin-token needs at least 16 characters')
  }
  const adversary = flags.adversary ?? file.adversary
  const rate_limit = flags.rateLimit === undefined ? file.rate_limit : Number(flags.rateLimit)
  if (rate_limit !== undefined && !(rate_limit > 0 && Number.isFinite(rate_limit))) {
    throw new UsageError(
      `--rate-limit is ${flags.rateLimit ?? rate_limit}; calls per second, more than 0, are expected`,
    )
  }
  return {
    port: portOf('--port', flags.port ?? file.port ?? 50_052),
    host: hostOf(flags.host ?? file.host ?? '127.0.0.1'),
    seed: seedOf(flags.seed ?? file.seed ?? 42),
    liquidity: liquidityOf(flags.liquidity ?? file.liquidity ?? 'quiet'),
    venue_ports: { ...venuePortsOf(file.venue_ports), ...venuePortFlags(flags.venuePort ?? []) },
    switches: switchesOf(file.switches ?? {}, flags.switch ?? []),
    key_form: (flags.laxKeys ?? file.lax_keys ?? false) ? 'lax' : 'strict',
    limits: limitsOf({
      position: flags.maxPosition ?? file.max_position,
      loss: flags.maxDailyLoss ?? file.max_daily_loss,
      deviation: flags.maxDeviation ?? file.max_deviation,
    }),
    log_level: logLevelOf(flags.logLevel ?? file.log_level ?? 'warn'),
    ...(adversary !== undefined && { adversary: adversaryOf(adversary) }),
    ...(data !== undefined && { data }),
    ...(data === undefined &&
      database_url !== undefined &&
      database_url !== '' && { database_url }),
    ...(rate_limit !== undefined && { rate_limit }),
    ...(admin_token !== undefined && { admin_token }),
  }
}

/** Whether an address is reachable from this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host === '::1' ||
  host === '[::1]' ||
  /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(host)

function readConfig(path: string): z.infer<typeof config> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`--config ${path}: ${error instanceof Error ? error.message : error}`)
  }
  const result = config.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new UsageError(`--config ${path}: ${issue?.path.join('.') || 'file'}: ${issue?.message}`)
}

function portOf(option: string, given: string | number): number {
  const port = typeof given === 'number' ? given : /^\d{1,5}$/.test(given) ? Number(given) : -1
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new UsageError(`${option} is ${given}; a port from 0 to 65535 is expected`)
}

function hostOf(given: string): string {
  if (given !== '' && !/[\s/]/.test(given)) return given
  throw new UsageError(`--host is ${JSON.stringify(given)}; a name or an address is expected`)
}

function seedOf(given: string | number): number {
  const seed =
    typeof given === 'number' ? given : /^-?\d+$/.test(given) ? Number(given) : Number.NaN
  if (Number.isSafeInteger(seed)) return seed
  throw new UsageError(`--seed is ${given}; an integer within 2^53 is expected`)
}

function liquidityOf(given: string): ServeOptions['liquidity'] {
  if (given === 'quiet' || given === 'live') return given
  if (/^replay:.+/.test(given)) return given as `replay:${string}`
  throw new UsageError(`--liquidity is ${given}; quiet, live or replay:FILE is expected`)
}

function adversaryOf(given: string): ProfileName {
  if (Object.hasOwn(profiles, given)) return given as ProfileName
  const known = Object.keys(profiles).join(', ')
  throw new UsageError(`--adversary is ${given}; one of ${known} is expected`)
}

/** `venue.name=value`; a number or true and false are read as such. */
function switchesOf(file: VenueSwitches, given: readonly string[]): VenueSwitches {
  const all = new Map(Object.entries(file).map(([venue, some]) => [venue, { ...some }]))
  for (const text of given) {
    const [, venue, name, value] = /^([a-z0-9_]+)\.([a-z0-9_]+)=(.+)$/.exec(text) ?? []
    if (venue === undefined || name === undefined || value === undefined) {
      throw new UsageError(`--switch is ${text}; <venue>.<switch>=<value> is expected`)
    }
    all.set(venue, { ...all.get(venue), [name]: switchValue(value) })
  }
  return Object.fromEntries(all)
}

function switchValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^\d+$/.test(text) ? Number(text) : text
}

function venuePortFlags(given: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    given.map((text) => {
      const [, venue, port] = /^([a-z0-9_]+)=(\d{1,5})$/.exec(text) ?? []
      if (venue === undefined || port === undefined) {
        throw new UsageError(`--venue-port is ${text}; <venue>=<port> is expected`)
      }
      return [venue, portOf('--venue-port', port)]
    }),
  )
}

const venuePortsOf = (given: Record<string, number> = {}): Record<string, number> =>
  Object.fromEntries(
    Object.entries(given).map(([venue, port]) => [venue, portOf('venue_ports', port)]),
  )

function logLevelOf(given: string): ServeOptions['log_level'] {
  const level = LOG_LEVELS.find((known) => known === given)
  if (level !== undefined) return level
  throw new UsageError(`--log-level is ${given}; one of ${LOG_LEVELS.join(', ')} is expected`)
}

function limitsOf(given: {
  position: string | undefined
  loss: string | undefined
  deviation: string | undefined
}): Partial<DeskLimits> {
  const amount = (flag: string, text: string, decimals: number): bigint => {
    const value = parseDecimal(text, decimals, 'refuse')
    if (value !== undefined && value > 0n) return value
    throw new UsageError(`${flag} is ${text}; a decimal number above 0 is expected`)
  }
  const { position, loss, deviation } = given
  return {
    ...(position !== undefined && { position_qty_1e8_max: amount('--max-position', position, 8) }),
    ...(loss !== undefined && { daily_loss_usd_1e9_max: amount('--max-daily-loss', loss, 9) }),
    ...(deviation !== undefined && {
      price_deviation_bps_max: deviation === 'off' ? null : amount('--max-deviation', deviation, 0),
    }),
  }
}

/**
 * Options: the switches of the mock, by name, with Kalshi's own behaviour as default.
 *
 * @module
 */

import type { MockOptions } from '../../src/venue/contract.js'
import { AUTH_WINDOW, type AuthWindow } from './auth.js'
import { isTier, TIER_NAMES, type Tier } from './limits.js'

export interface KalshiOptions {
  /** `v2`: today's wire; `legacy`: the cents era before 2026-03, legacy order endpoints included. */
  readonly era: 'v2' | 'legacy'
  /** null: no limits. */
  readonly tier: Tier | null
  /** Whether `balance` still counts what resting orders need (`gross`) or not. */
  readonly balance: 'gross' | 'net'
  /** Precision of balances: direct members keep $0.0001, customers of intermediaries $0.01. */
  readonly member: 'direct' | 'intermediary'
  readonly auth_window: AuthWindow
}

/**
 * The switches `era`, `rate_limit_tier` (`off` for none), `balance`, `member`, `auth_past_ms` and
 * `auth_future_ms`.
 *
 * @throws RangeError naming a switch that does not exist or its allowed values.
 */
export function kalshiOptions(switches: MockOptions['switches'] = {}): KalshiOptions {
  const known = new Set([
    'era',
    'rate_limit_tier',
    'rate_limits',
    'balance',
    'member',
    'auth_past_ms',
    'auth_future_ms',
  ])
  for (const name of Object.keys(switches)) {
    if (!known.has(name)) {
      throw new RangeError(`kalshi has no switch ${name}; it has ${[...known].join(', ')}.`)
    }
  }
  const one = <T extends string>(name: string, values: readonly [T, ...T[]]): T => {
    const given = switches[name]
    if (given === undefined) return values[0]
    const found = values.find((value) => value === given)
    if (found !== undefined) return found
    throw new RangeError(`kalshi's switch ${name} is ${given}; it takes ${values.join(' or ')}.`)
  }
  const ms = (name: string, otherwise: number): number => {
    const given = switches[name]
    if (given === undefined) return otherwise
    if (typeof given === 'number' && given >= 0) return given
    throw new RangeError(`kalshi's switch ${name} is ${given}; milliseconds are expected.`)
  }
  const tier = switches.rate_limit_tier ?? 'prestige'
  const limited = tier !== 'off' && switches.rate_limits !== false && switches.rate_limits !== 'off'
  if (limited && !(typeof tier === 'string' && isTier(tier))) {
    throw new RangeError(
      `kalshi's switch rate_limit_tier is ${tier}; it takes off, ${TIER_NAMES.join(', ')}.`,
    )
  }
  return {
    era: one('era', ['v2', 'legacy']),
    tier: limited ? (tier as Tier) : null,
    balance: one('balance', ['gross', 'net']),
    member: one('member', ['direct', 'intermediary']),
    auth_window: {
      past_ms: ms('auth_past_ms', AUTH_WINDOW.past_ms),
      future_ms: ms('auth_future_ms', AUTH_WINDOW.future_ms),
    },
  }
}

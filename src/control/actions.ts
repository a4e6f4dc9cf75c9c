/**
 * Actions: everything control can do, by name.
 *
 * @module
 */

import type { z } from 'zod'
import { JsonNumber } from '../wire/json.js'
import type { Action } from './action.js'
import { advanceClock } from './advance-clock.js'
import { clearFaults } from './clear-faults.js'
import { credentials } from './credentials.js'
import { injectFault } from './inject-fault.js'
import { listFaults } from './list-faults.js'
import { listMarket } from './list-market.js'
import { printTrade } from './print-trade.js'
import { readJournal } from './read-journal.js'
import { resolveMarket } from './resolve-market.js'
import { setBalances } from './set-balances.js'
import { setClock } from './set-clock.js'
import { setDepth } from './set-depth.js'
import { setMarketState } from './set-market-state.js'
import { setPriceBands } from './set-price-bands.js'
import { setRateLimit } from './set-rate-limit.js'
import { settleMarket } from './settle-market.js'
import { ControlError, type ControlTarget } from './target.js'
import { branch, revert, snapshot, switchTimeline } from './timeline.js'
import { voidMarket } from './void-market.js'

const ACTIONS = [
  setDepth,
  printTrade,
  advanceClock,
  setClock,
  setBalances,
  injectFault,
  clearFaults,
  listFaults,
  setMarketState,
  setPriceBands,
  setRateLimit,
  listMarket,
  resolveMarket,
  voidMarket,
  settleMarket,
  snapshot,
  revert,
  branch,
  switchTimeline,
  readJournal,
  credentials,
] as const

type Known = (typeof ACTIONS)[number]
export type ActionName = Known['name']
export type AnyAction = Action<ActionName, z.ZodObject, unknown>

/** What an action is given, by its name. */
export type ActionInput<Name extends ActionName> = Fields<Extract<Known, { name: Name }>['input']>

/** What a schema is given; nothing where it has no fields. */
export type Fields<Schema extends z.ZodObject> = string extends keyof z.input<Schema>
  ? unknown
  : z.input<Schema>

/** What an action answers, by its name. */
export type ActionAnswer<Name extends ActionName> = Awaited<
  ReturnType<Extract<Known, { name: Name }>['run']>
>

/** Every action by its name. */
export const actions: ReadonlyMap<string, AnyAction> = new Map(
  ACTIONS.map((action) => [action.name, action as unknown as AnyAction]),
)

/**
 * Checks the input of an action and does it.
 *
 * @throws ControlError when the action is unknown, its input wrong, or the thing impossible.
 */
export async function perform(
  target: ControlTarget,
  name: string,
  input: unknown,
): Promise<unknown> {
  const action = actions.get(name)
  if (action === undefined) {
    throw new ControlError(
      'unknown',
      `no action is called ${JSON.stringify(name)}; known: ${[...actions.keys()].join(', ')}`,
    )
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input) || isNumber(input)) {
    throw new ControlError('invalid', `${name}: an object of its fields is expected`)
  }
  const parsed = action.input.safeParse(input)
  if (!parsed.success) {
    const details = parsed.error.issues.map(({ path, message }) => ({
      field: path.join('.'),
      message,
    }))
    throw new ControlError(
      'invalid',
      `${name}: ${details.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ')}`,
      details,
    )
  }
  try {
    return await action.run(target, parsed.data)
  } catch (error) {
    // Venues and clocks refuse what cannot be with a RangeError.
    if (error instanceof RangeError) throw new ControlError('impossible', error.message)
    throw error
  }
}

const isNumber = (value: object): boolean => value instanceof JsonNumber

/** Control as functions, for fixtures and scenarios written in TypeScript. */
export interface Control {
  do<Name extends ActionName>(name: Name, input: ActionInput<Name>): Promise<ActionAnswer<Name>>
}

export const controlOf = (target: ControlTarget): Control => ({
  do: (name, input) => perform(target, name, input) as Promise<ActionAnswer<typeof name>>,
})

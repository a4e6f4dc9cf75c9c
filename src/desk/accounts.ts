/**
 * Accounts: who is in memory, and how an operation on one of them becomes durable.
 *
 * An account is read (or made and seeded) at its first use. Operations run whole, one after the other,
 * and are answered after their commit. A failed commit throws the memory away; a lost race (another
 * process wrote the account first) reads it again and runs the operation once more.
 *
 * Several processes on one database may have the same account in memory, and each simulates its resting
 * paper orders. Whose fill is committed first wins: the other's commit is lost, its memory read again, and
 * the order is gone from it, so nothing fills twice.
 *
 * @module
 */

import { Account } from '../account/account.js'
import type { Changes, GraphRecord } from '../account/changes.js'
import type { EdgeEvent } from '../engine/order.js'
import { CommitError, type CommitQueue, createCommitQueue } from '../store/commit-queue.js'
import type { AccountName } from '../store/read.js'
import type { Store } from '../store/store.js'
import type { Clock } from '../world/world.js'
import { DeskError, type DeskEvent } from './contract.js'
import type { Core } from './core.js'

/** An account in memory with the answers given to chosen graph ids. */
export interface Seat {
  readonly account: Account
  readonly graphs: Map<
    string,
    { readonly fingerprint: string; readonly answer: Promise<GraphRecord> }
  >
}

export interface AccountsOptions {
  readonly store: Store
  readonly core: Core
  readonly clock: Clock
  /** Where the client never set one. */
  readonly initial_balance_usd_1e9: bigint
  /** Called for an account that has no row yet; what it answers is run on the new account. */
  readonly first: (name: AccountName) => Promise<(account: Account) => void>
  /** What streams are to be told of these changes, worked out before the commit and told after it. */
  readonly news: (account: Account, changes: Changes) => readonly DeskEvent[]
  readonly tell: (events: readonly DeskEvent[]) => void
  readonly onTrouble: (error: unknown) => void
}

const RELOAD_AFTER_MS = 500
/** How often an operation is run again on what a faster process left behind. */
const ATTEMPTS_MAX = 8

export class Accounts {
  readonly #options: AccountsOptions
  readonly #queue: CommitQueue
  readonly #seats = new Map<string, Seat>()
  readonly #loading = new Map<string, Promise<Seat>>()
  #closed = false

  constructor(options: AccountsOptions) {
    this.#options = options
    this.#queue = createCommitQueue<readonly DeskEvent[]>({
      target: options.store,
      taken: options.news,
      committed: options.tell,
      dropped: (account) => this.#drop(account),
    })
  }

  /** Accounts in memory. */
  names(): AccountName[] {
    return [...this.#seats.values()].map(({ account: { client_id, is_sandbox } }) => ({
      client_id,
      is_sandbox,
    }))
  }

  /**
   * Runs an operation on an account and answers once it is durable.
   *
   * @throws DeskError `unavailable` when the database does not take it, and what the operation throws.
   */
  async run<T>(name: AccountName, operation: (seat: Seat) => T | Promise<T>): Promise<T> {
    if (this.#closed) throw new DeskError('unavailable', 'the desk is closed')
    for (let attempt = 1; ; attempt++) {
      const seat = this.#seats.get(keyOf(name)) ?? (await this.seat(name))
      try {
        const answer = await operation(seat)
        await this.#queue.durable(seat.account)
        return answer
      } catch (error) {
        const failure = error instanceof CommitError ? error : await this.#journaled(seat)
        // What an operation refuses by memory that others have left behind is asked again.
        const again = failure === undefined ? await this.#behind(seat) : isLost(failure)
        if (again && attempt < ATTEMPTS_MAX) continue
        if (failure !== undefined) throw unavailable(failure)
        throw error
      }
    }
  }

  /** Resolves when what the account did so far is durable. @throws CommitError otherwise. */
  durable(account: Account): Promise<void> {
    return this.#queue.durable(account)
  }

  /** The account in memory; read from the database, or made, when it is not there. */
  async seat(name: AccountName): Promise<Seat> {
    const key = keyOf(name)
    const known = this.#seats.get(key)
    if (known !== undefined) return known
    const pending = this.#loading.get(key)
    if (pending !== undefined) return pending
    const loading = this.#load(name).finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }

  /** Whether a seat is still the one its account sits on. */
  current(seat: Seat): boolean {
    return this.#seats.get(keyOf(seat.account)) === seat
  }

  /** A fill, an expiry or a cancel that came by itself. */
  later(account: Account, event: EdgeEvent): void {
    const { core, onTrouble } = this.#options
    core.edgeEvent(account, event)
    this.#queue.durable(account).catch((error: unknown) => {
      if (!isLost(error)) onTrouble(error)
      // A venue's word outlives a lost race: it is told to the account as the other process left it. What
      // was only simulated did not happen, and the order goes on from there.
      else if (!account.is_sandbox) {
        this.run(account, (seat) => core.edgeEvent(seat.account, event)).catch(onTrouble)
      }
    })
  }

  /**
   * The account as it is in the database now: another process may have moved it on since it was read.
   */
  async catchUp(name: AccountName): Promise<void> {
    const seat = this.#seats.get(keyOf(name))
    if (seat !== undefined) await this.#behind(seat)
  }

  /** Whether another process has moved an account on; its memory is then thrown away. */
  async #behind(seat: Seat): Promise<boolean> {
    const { store } = this.#options
    const { account } = seat
    if (!store.shared) return false
    const version = await this.read(() => store.version(account))
    if (version <= account.version || !this.current(seat)) return !this.current(seat)
    this.#drop(account)
    return true
  }

  async read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** Empties memory; the caller changes the database before anyone uses an account again. */
  async clear(): Promise<void> {
    await this.#queue.idle()
    for (const { account } of this.#seats.values()) this.#options.core.drop(account)
    this.#seats.clear()
  }

  async flush(): Promise<void> {
    for (const { account } of this.#seats.values()) {
      if (account.changes.empty) continue
      this.#queue.durable(account).catch((error: unknown) => {
        // Whose changes they were has been told by its own wait.
        if (!isLost(error)) this.#options.onTrouble(error)
      })
    }
    await this.#queue.idle()
  }

  async close(): Promise<void> {
    await this.flush()
    this.#closed = true
  }

  /** An operation that threw may have been journaled before: that much is written. @returns Why it was not. */
  async #journaled({ account }: Seat): Promise<CommitError | undefined> {
    if (account.changes.empty) return undefined
    try {
      await this.#queue.durable(account)
      return undefined
    } catch (error) {
      if (error instanceof CommitError) return error
      throw error
    }
  }

  async #load(name: AccountName): Promise<Seat> {
    const { store, core, initial_balance_usd_1e9 } = this.#options
    const { client_id, is_sandbox } = name
    let gone: Error | undefined
    const instrumentOf = (venue: string, venue_symbol: string) => {
      const instrument = core.symbols.instrument(venue, venue_symbol)
      if (instrument !== undefined) return instrument
      gone = new Error(
        `an open order is on ${venue_symbol} of ${venue}, which is not listed any more; list it and start again.`,
      )
      throw gone
    }
    const stored = await this.read(() =>
      store.account({ client_id, is_sandbox, initial_balance_usd_1e9, instrumentOf }),
    ).catch((error: unknown) => {
      throw gone ?? error
    })
    if (stored !== undefined) {
      const seat: Seat = { account: stored, graphs: new Map() }
      this.#seats.set(keyOf(name), seat)
      core.adopt(stored)
      core.finishIdle(stored)
      return seat
    }
    const furnish = await this.#options.first(name)
    const created_ns = core.now_ns
    const account = new Account({ client_id, is_sandbox, created_ns, initial_balance_usd_1e9 })
    const seat: Seat = { account, graphs: new Map() }
    this.#seats.set(keyOf(name), seat)
    core.open(account)
    furnish(account)
    return seat
  }

  /** Memory that is not durable is worthless; open orders come back as the database has them. */
  #drop(account: Account): void {
    const key = keyOf(account)
    if (this.#seats.get(key)?.account !== account) return
    this.#seats.delete(key)
    this.#options.core.drop(account)
    if (account.version > 1) this.#reload(account)
  }

  #reload({ client_id, is_sandbox }: AccountName): void {
    this.#options.clock.after(RELOAD_AFTER_MS, () => {
      if (this.#closed) return
      const name = { client_id, is_sandbox }
      this.seat(name).catch(() => this.#reload(name))
    })
  }
}

/** Whether another process was faster. */
export const isLost = (error: unknown): boolean =>
  error instanceof CommitError && error.failure.why === 'lost'

/** The database's refusal as callers hear it. */
export function unavailable(cause: unknown): DeskError {
  const error = new DeskError('unavailable', 'the database did not answer; nothing was changed')
  error.cause = cause
  return error
}

const keyOf = ({ client_id, is_sandbox }: AccountName): string =>
  `${is_sandbox ? 's' : 'l'}${client_id}`

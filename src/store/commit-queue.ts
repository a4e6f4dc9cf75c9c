/**
 * Commit queue: group commit. Whoever waits is answered once the batch that carries their changes is
 * durable, and no sooner.
 *
 * One batch is written at a time; what arrives meanwhile forms the next. A failed batch, or a lost
 * version race, makes an account's memory worthless: the queue drops everything it had for that account
 * and tells each waiter, who starts again from the database or gives up.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { Changes } from '../account/changes.js'
import { afterTurn } from '../world/turn.js'
import type { Batch } from './commit.js'
import type { AccountName } from './read.js'

/** `lost`: another process was faster. `failed`: the database did not take it. */
export type CommitFailure =
  | { readonly why: 'lost' }
  | { readonly why: 'failed'; readonly error: unknown }

/** The part of the store the queue uses. */
export interface CommitTarget {
  batch(): Batch
  commit(batch: Batch): Promise<AccountName[]>
}

export interface CommitQueue {
  /** Resolves when everything the account has changed so far is durable. @throws CommitError otherwise. */
  durable(account: Account): Promise<void>
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

/** Told to everyone who waited for an account whose changes are not durable. */
export class CommitError extends Error {
  readonly failure: CommitFailure
  constructor(failure: CommitFailure) {
    super(failure.why === 'lost' ? 'another process was faster' : 'the database did not commit', {
      cause: failure.why === 'failed' ? failure.error : undefined,
    })
    this.name = 'CommitError'
    this.failure = failure
  }
}

interface Waiting {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: CommitError) => void
}

/**
 * @param options.taken - Called with each account's changes as they go into a batch; memory may move on after.
 * @param options.committed - Called with what `taken` answered once that is durable, before waiters are answered.
 * @param options.dropped - Called for each account whose memory is to be thrown away, before waiters hear of it.
 */
export function createCommitQueue<News>(options: {
  target: CommitTarget
  taken: (account: Account, changes: Changes) => News
  committed: (news: News) => void
  dropped: (account: Account) => void
}): CommitQueue {
  const { target, taken, committed, dropped } = options
  let waiting = new Map<Account, Waiting>()
  let inFlight: ReadonlyMap<Account, Waiting> = new Map()
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      await new Promise<void>((resolve) => afterTurn(resolve))
      await writeBatch()
    }
    running = null
  }

  async function writeBatch(): Promise<void> {
    const group = waiting
    waiting = new Map()
    inFlight = group
    const news = new Map<Account, News>()
    const batch = target.batch()
    try {
      for (const account of group.keys()) {
        const changes = account.takeChanges()
        if (changes.empty) continue
        news.set(account, taken(account, changes))
        batch.add(account, changes)
      }
      const won = new Set((batch.empty ? [] : await target.commit(batch)).map(nameOf))
      for (const [account, wait] of group) {
        const told = news.get(account)
        if (told === undefined) wait.resolve()
        else if (won.has(nameOf(account))) {
          committed(told)
          wait.resolve()
        } else fail(account, wait, { why: 'lost' })
      }
    } catch (error) {
      for (const [account, wait] of group) fail(account, wait, { why: 'failed', error })
    } finally {
      inFlight = new Map()
    }
  }

  /** Whoever waits for later changes of the same account built on what is lost. */
  function fail(account: Account, wait: Waiting, failure: CommitFailure): void {
    dropped(account)
    const later = waiting.get(account)
    waiting.delete(account)
    const error = new CommitError(failure)
    wait.reject(error)
    later?.reject(error)
  }

  return {
    durable: (account) => {
      if (account.changes.empty) {
        return (waiting.get(account) ?? inFlight.get(account))?.promise ?? Promise.resolve()
      }
      const known = waiting.get(account)
      if (known !== undefined) return known.promise
      const made = deferred()
      waiting.set(account, made)
      running ??= run()
      return made.promise
    },
    idle: async () => {
      while (running !== null) await running
    },
  }
}

function nameOf({ client_id, is_sandbox }: AccountName): string {
  return `${is_sandbox ? 's' : 'l'}${client_id}`
}

function deferred(): Waiting {
  let resolve: () => void = () => undefined
  let reject: (error: CommitError) => void = () => undefined
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Whoever asked gets the error; a batch nobody waits for must not end the process.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

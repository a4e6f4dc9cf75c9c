/**
 * Journal writer: what a host has written, what of it is safe, and whether writing failed.
 *
 * Without a journal everything is safe at once.
 *
 * @module
 */

import type { VenueJournal } from './contract.js'

/** Journal lines after which a snapshot is due. */
export const SNAPSHOT_EVERY_LINES = 20_000

/** The venue failed to write its journal: what it did since is not safe, so it does nothing more. */
export class HostFailed extends Error {
  constructor(venue: string, cause: unknown) {
    super(`${venue} cannot write its journal and has stopped; start it again to recover.`, {
      cause,
    })
    this.name = 'HostFailed'
  }
}

export class JournalWriter {
  readonly #venue: string
  readonly #journal: VenueJournal | undefined
  #durable: Promise<void> = Promise.resolve()
  #written = 0
  #safe = 0
  #linesSinceSnapshot = 0
  #failure: HostFailed | null = null

  constructor(venue: string, journal: VenueJournal | undefined) {
    this.#venue = venue
    this.#journal = journal
  }

  get failure(): HostFailed | null {
    return this.#failure
  }

  /** Whether everything written is safe already. */
  get isDurable(): boolean {
    return this.#safe === this.#written && this.#failure === null
  }

  get snapshotIsDue(): boolean {
    return this.#linesSinceSnapshot >= SNAPSHOT_EVERY_LINES
  }

  /** Resolves when everything written so far is safe. @throws HostFailed when it could not be written. */
  durable(): Promise<void> {
    return this.#durable
  }

  /** Latest snapshot and the lines after it; `null` without a journal. */
  async load(): Promise<Awaited<ReturnType<VenueJournal['load']>> | null> {
    if (this.#journal === undefined) return null
    const loaded = await this.#journal.load()
    this.#linesSinceSnapshot = loaded.lines.length
    return loaded
  }

  /** `line` is made only when there is a journal to write it. */
  append(line: () => string): void {
    if (this.#journal === undefined) return
    this.#linesSinceSnapshot += 1
    this.#follow(this.#journal.append([line()]))
  }

  snapshot(bytes: () => Uint8Array): void {
    if (this.#journal === undefined) return
    this.#linesSinceSnapshot = 0
    this.#follow(this.#journal.snapshot(bytes()))
  }

  #follow(written: Promise<void>): void {
    this.#written += 1
    const mine = this.#written
    const before = this.#durable
    this.#durable = (async () => {
      try {
        await Promise.all([before, written])
        this.#safe = Math.max(this.#safe, mine)
      } catch (error) {
        this.#failure ??= error instanceof HostFailed ? error : new HostFailed(this.#venue, error)
        throw this.#failure
      }
    })()
    // Whoever answers a client awaits `durable`; admin calls do not, and the failure is kept for them.
    this.#durable.catch(() => undefined)
  }
}

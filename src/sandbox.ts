/**
 * Sandbox: the composition root. One world, its books, venues, desk and API, put together in one place.
 *
 * Works without sockets: `fetch` answers requests and `connect` opens WebSocket sessions in-process, so
 * a test needs no port. The server adds sockets and nothing else.
 *
 * @module
 */

import type { ControlTarget } from './control/target.js'
import type { Desk, Principal } from './desk/contract.js'
import type { FaultPlan } from './fault/plan.js'
import type { MarketHub } from './market/market-hub.js'
import type {
  Credentials,
  MockVenue,
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
  Venue,
} from './venue/contract.js'
import type { ManualClock } from './world/clock.js'
import type { SeededWorld } from './world/seeded.js'

export interface SandboxOptions {
  /** Seed of every stream of chance. Default 42. */
  readonly seed?: number
  /** `manual` (default) stands still until moved; `wall` follows the machine. */
  readonly clock?: 'manual' | 'wall' | ManualClock
  /** Folder of the database and of the venues' journals; absent: memory only. */
  readonly data?: string
  /** A PostgreSQL server instead of the embedded one. */
  readonly database_url?: string
  /** Which venues exist. Default: all known ones. */
  readonly venues?: readonly Venue[]
  /** Who makes the books: nobody, seeded makers, or a recording. Default `quiet`. */
  readonly liquidity?: 'quiet' | 'live' | `replay:${string}`
  /** The demo client's keys: well known (loopback only), random, or no demo client. Default `none`. */
  readonly demo?: 'well-known' | 'random' | 'none'
  /** `lax` also accepts short API keys such as `seq_test_demo`. Default `strict`. */
  readonly key_form?: 'strict' | 'lax'
  /** Calls per second and client; absent: no limit. */
  readonly rate_limit_qps?: number
  /** Most bytes of a request body. Default 1 MiB. */
  readonly body_limit?: number
  readonly log?: {
    info(facts: object, message: string): void
    error(facts: object, message: string): void
  }
}

/** A client with a key of each mode. */
export interface SandboxAccount {
  readonly client_id: string
  readonly test_key: string
  readonly live_key: string
  /** Who the desk takes the keys for. */
  readonly test: Principal
  readonly live: Principal
}

export interface SandboxVenue {
  readonly venue: Venue
  /** null: no wire yet. */
  readonly mock: MockVenue | null
  /** Of the funded demo account; null where there is none. */
  readonly credentials: Credentials | null
}

export interface Sandbox {
  readonly world: SeededWorld
  /** null: the wall clock. */
  readonly manual: ManualClock | null
  readonly hub: MarketHub
  readonly desk: Desk
  readonly faults: FaultPlan
  readonly venues: ReadonlyMap<string, SandboxVenue>
  /** What control works on. */
  readonly control: ControlTarget
  /** The demo client; null when there is none. */
  readonly demo: SandboxAccount | null
  /** Answers a request: `/v1`, `/venues/<id>`, `/control`, `/docs`. A path alone is enough of a URL. */
  fetch(request: Request | string, init?: RequestInit): Promise<Response>
  /** Opens a socket: `/v1/stream` or one of a venue's, under its prefix. */
  connect(request: SocketRequest, peer: SocketPeer): Promise<SocketSession | SocketRefusal>
  /**
   * A fresh client with its own rows and keys. Its keys live in memory, so making one costs no commit.
   */
  account(label?: string): SandboxAccount
  /** Resolves when nothing is under way that needs no further time. */
  settle(): Promise<void>
  close(): Promise<void>
}

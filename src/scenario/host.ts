/**
 * Host: what a story runs on, opened afresh for every run.
 *
 * @module
 */

import type { ControlTarget } from '../control/target.js'
import type { Recording } from '../market/recorded/recording.js'
import type {
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
  Venue,
} from '../venue/contract.js'

/** One client of the sandbox API. */
export interface HostClient {
  readonly client_id: string
  /** `seq_test_…`: everything it does is paper. */
  readonly test_key: string
  /** `seq_live_…`: its orders go over the venue's wire. */
  readonly live_key: string
}

export interface ScenarioHost {
  readonly target: ControlTarget
  /** The sandbox API, faults on `api` included. */
  fetch(request: Request): Promise<Response>
  /** `/v1/stream`, faults on `api` included. */
  connect(request: SocketRequest, peer: SocketPeer): Promise<SocketSession | SocketRefusal>
  /** A client of this name; made on first use. */
  client(name: string): Promise<HostClient>
  /** What the story replays; null: nothing. */
  readonly recording: Recording | null
  /** Ends everything; no timer and no listener stays. */
  close(): Promise<void>
}

/** How hosts are opened, and what is known before one is. */
export interface ScenarioStage {
  readonly venues: readonly Venue[]
  /** A sandbox on a manual clock: quiet books, no orders, nobody's money. */
  open(options: {
    readonly seed: number
    readonly start_ns: bigint
    /** File of a recording whose instruments are listed at its own venue. */
    readonly recording?: string
  }): Promise<ScenarioHost>
}

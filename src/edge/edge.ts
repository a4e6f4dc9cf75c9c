/**
 * Edge: the one interface through which the order path reaches a venue, live or simulated.
 *
 * Events come back through one sink whatever their origin; an edge may emit during
 * `submit` (the simulator without latency does) or later.
 *
 * @module
 */

import type { Depth } from '../engine/depth.js'
import type { ChildOrder, EdgeEvent } from '../engine/order.js'
import type { Recorded } from '../venue/contract.js'

export type EdgeSink = (event: EdgeEvent) => void

/** A venue did not confirm what was asked of it, and when asked anew the order still stood. */
export class EdgeUnavailable extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'EdgeUnavailable'
  }
}

export interface Edge {
  /** Never throws for what a venue may refuse: that is a `rejected` event. Resolves when the answer to the submission is in. */
  submit(child: ChildOrder): Promise<void> | undefined
  /** Rejects with {@link EdgeUnavailable} when it is not known that the order ends. */
  cancel(child_id: string): Promise<void> | undefined
  amend(
    child_id: string,
    change: { qty_1e8: bigint; limit_price_1e9: bigint },
  ): Promise<void> | undefined
  /**
   * A public book as it is for one account: less what the account took and the feed still shows. The very
   * depth where that is nothing. Absent: the venue's feed shows it already.
   */
  seenBy?(
    account: { readonly client_id: string; readonly is_sandbox: boolean },
    book: { readonly venue: string; readonly venue_symbol: string; readonly depth: Depth },
  ): Depth
  /** Takes over a child that an earlier process submitted; absent: this edge cannot. */
  adopt?(child: ChildOrder, filled_1e8: bigint, recorded: Recorded): void
}

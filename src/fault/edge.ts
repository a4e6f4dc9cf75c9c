/**
 * Edge: the simulator's edge with the same faults a live order would meet at that venue's wire.
 *
 * A live order whose request is refused or lost is refused here too; one that the venue acted on is
 * worked as usual even if its answer was lost, since the live adapter learns of it by asking again.
 *
 * @module
 */

import type { ChildOrder, EdgeEvent } from '../engine/order.js'
import { type Call, ConnectionLost } from './kind.js'
import type { FaultPlan } from './plan.js'

/** The part of an edge that faults stand in front of. */
export interface Submits {
  submit(child: ChildOrder): Promise<void> | undefined
}

/**
 * A `submit` behind a plan.
 *
 * @param emit - Where a refusal goes that the edge never hears of.
 */
export function faultySubmit(
  plan: FaultPlan,
  edge: Submits,
  emit: (event: EdgeEvent) => void,
  now_ns: () => bigint,
): Submits['submit'] {
  return (child) =>
    plan.touches(child.venue) ? underFaults(plan, edge, emit, now_ns, child) : edge.submit(child)
}

async function underFaults(
  plan: FaultPlan,
  edge: Submits,
  emit: (event: EdgeEvent) => void,
  now_ns: () => bigint,
  child: ChildOrder,
): Promise<void> {
  const call: Call = { via: 'rest', action: 'create-order', caller: child.client_id, path: '' }
  const firings = plan.callFirings(child.venue, call, 'rest')
  let acted = false
  const run = async (nth: number): Promise<Response> => {
    const firing = firings[nth]
    if (firing?.kind.rest !== undefined) {
      return firing.kind.rest(firing.running, call, () => run(nth + 1))
    }
    // A request delivered twice carries one client order id: the second is the same order.
    if (!acted) {
      acted = true
      await edge.submit(child)
    }
    return new Response('', { status: 200 })
  }
  const status = await run(0).then(
    (answer) => answer.status,
    (error: unknown) => {
      if (error instanceof ConnectionLost) return 0
      throw error
    },
  )
  if (acted) return
  emit({
    type: 'rejected',
    child_id: child.child_id,
    ts_ns: now_ns(),
    code: status === 429 ? 'rate-limited' : 'venue-unavailable',
    message: status === 0 ? `${child.venue} did not answer` : `${child.venue} answered ${status}`,
    venue_code: status === 0 ? null : String(status),
  })
}

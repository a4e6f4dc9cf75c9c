/**
 * Stage: sandboxes for scenarios, each on a manual clock of its own.
 *
 * @module
 */

import { venues } from '../../venues/index.js'
import { createSandbox } from '../sandbox.js'
import type { HostClient, ScenarioStage } from '../scenario/host.js'
import { manualClock } from '../world/clock.js'
import { stock } from './liquidity.js'

export const stage: ScenarioStage = {
  venues,
  open: async ({ seed, start_ns, recording: file }) => {
    const stocked = await stock(venues, file === undefined ? 'quiet' : `replay:${file}`)
    const clock = manualClock(start_ns)
    const sandbox = await createSandbox({
      seed,
      clock,
      venues: stocked.venues,
      store: 'memory',
    })
    const clients = new Map<string, HostClient>()
    return {
      target: sandbox.control,
      recording: stocked.recording,
      fetch: (request) => sandbox.fetch(request),
      connect: (request, peer) => sandbox.connect(request, peer),
      client: async (name) => {
        const known = clients.get(name)
        if (known !== undefined) return known
        const made = sandbox.account(name)
        clients.set(name, made)
        return made
      },
      close: () => sandbox.close(),
    }
  },
}

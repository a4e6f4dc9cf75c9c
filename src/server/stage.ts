/**
 * Stage: sandboxes for scenarios, each on a manual clock of its own.
 *
 * @module
 */

import { venues } from '../../venues/index.js'
import { createSandbox } from '../sandbox.js'
import type { HostClient, ScenarioStage } from '../scenario/host.js'
import { manualClock } from '../world/clock.js'

export const stage: ScenarioStage = {
  venues,
  open: async ({ seed, start_ns }) => {
    const clock = manualClock(start_ns)
    const sandbox = await createSandbox({ seed, clock, venues, store: 'memory' })
    const clients = new Map<string, HostClient>()
    return {
      target: sandbox.control,
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

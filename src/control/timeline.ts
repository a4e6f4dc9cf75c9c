/**
 * Timeline: snapshots of a whole sandbox, going back to one, and branches between which one may switch.
 *
 * A snapshot holds books, ledgers, orders, clock and timers, streams of chance, id counters, faults and
 * sequence numbers, all in memory: it shares with the running sandbox what has not changed since. Going
 * back changes the running sandbox in place: whoever holds a reference to it, or a subscription on it, keeps
 * it. Venues cut their sockets, as after a restart, and everybody connects anew.
 *
 * @module
 */

import { z } from 'zod'
import type { HubState } from '../market/market-hub.js'
import type { VenueImage } from '../venue/contract.js'
import type { ClockState } from '../world/clock.js'
import type { WorldState } from '../world/seeded.js'
import { defineAction } from './action.js'
import { ControlError, type ControlTarget } from './target.js'

/** Everything a sandbox is at one moment. Later changes do not touch it. */
export interface Snapshot {
  readonly ts_ns: bigint
  readonly clock: ClockState | null
  readonly world: WorldState
  readonly desk: unknown
  readonly venues: ReadonlyMap<string, VenueImage>
  readonly connections: unknown
  readonly hub: HubState
  readonly faults: unknown
  readonly parts: ReadonlyMap<string, unknown>
}

/** Takes a snapshot once everything under way has come to rest. */
export async function takeSnapshot(target: ControlTarget): Promise<Snapshot> {
  await target.settle()
  await target.desk.flush()
  const venues = new Map<string, VenueImage>()
  for (const [id, { mock }] of target.venues) {
    if (mock !== null) venues.set(id, mock.admin.image())
  }
  return {
    ts_ns: target.world.clock.now_ns(),
    clock: target.manual?.save() ?? null,
    world: target.world.save(),
    desk: await target.desk.save(),
    venues,
    connections: target.connections.save(),
    hub: target.hub.save(),
    faults: target.faults.save(),
    parts: new Map([...target.parts].map(([name, part]) => [name, part.save()])),
  }
}

/** Puts a sandbox back to a snapshot of itself. A snapshot may be gone back to any number of times. */
export async function restoreSnapshot(target: ControlTarget, snapshot: Snapshot): Promise<void> {
  await target.settle()
  target.faults.clear()
  // Time first: what clients set up while everything is put back belongs to the time they are put back to.
  if (snapshot.clock !== null) target.manual?.load(snapshot.clock)
  for (const [id, image] of snapshot.venues) target.venues.get(id)?.mock?.admin.restore(image)
  target.connections.restore(snapshot.connections)
  await target.settle()
  // The desk looks at the books when it takes its orders up again.
  target.hub.restore(snapshot.hub)
  await target.desk.restore(snapshot.desk)
  restoreParts(target, snapshot)
  await target.resubscribe?.()
  await target.settle()
  target.hub.restore(snapshot.hub)
  restoreParts(target, snapshot)
  target.faults.restore(snapshot.faults)
  target.world.restore(snapshot.world)
  // A recording is read again up to where it was.
  await target.settle()
}

function restoreParts(target: ControlTarget, { parts }: Snapshot): void {
  for (const [name, part] of target.parts) part.restore(parts.get(name))
}

interface Timelines {
  readonly snapshots: Map<string, Snapshot>
  readonly branches: Map<string, Snapshot>
  current: string
}

const timelines = new WeakMap<ControlTarget, Timelines>()

function timelinesOf(target: ControlTarget): Timelines {
  const known = timelines.get(target)
  if (known !== undefined) return known
  const made = { snapshots: new Map(), branches: new Map(), current: 'main' }
  timelines.set(target, made)
  return made
}

const name = z.string().min(1).max(100)

export const snapshot = defineAction({
  name: 'snapshot',
  about: 'keeps the state of everything under a name',
  input: z.strictObject({ name }),
  run: async (target, input) => {
    const taken = await takeSnapshot(target)
    timelinesOf(target).snapshots.set(input.name, taken)
    return { name: input.name, ts_ns: taken.ts_ns }
  },
})

export const revert = defineAction({
  name: 'revert',
  about: 'puts everything back to a snapshot',
  input: z.strictObject({ name }),
  run: async (target, input) => {
    const { snapshots } = timelinesOf(target)
    const taken = snapshots.get(input.name)
    if (taken === undefined) throw unknownName('snapshot', input.name, snapshots.keys())
    await restoreSnapshot(target, taken)
    return { name: input.name, ts_ns: taken.ts_ns }
  },
})

export const branch = defineAction({
  name: 'branch',
  about: 'carries on under a new name; the timeline left behind can be switched back to',
  input: z.strictObject({ name }),
  run: async (target, input) => {
    const known = timelinesOf(target)
    if (input.name === known.current || known.branches.has(input.name)) {
      throw new ControlError(
        'impossible',
        `a timeline ${JSON.stringify(input.name)} exists; switch to it`,
      )
    }
    known.branches.set(known.current, await takeSnapshot(target))
    const from = known.current
    known.current = input.name
    return { name: input.name, from }
  },
})

export const switchTimeline = defineAction({
  name: 'switch-timeline',
  about: 'goes to another branch as it was left',
  input: z.strictObject({ name }),
  run: async (target, input) => {
    const known = timelinesOf(target)
    const there = known.branches.get(input.name)
    if (there === undefined) throw unknownName('timeline', input.name, known.branches.keys())
    known.branches.set(known.current, await takeSnapshot(target))
    await restoreSnapshot(target, there)
    known.branches.delete(input.name)
    const from = known.current
    known.current = input.name
    return { name: input.name, from }
  },
})

const unknownName = (what: string, given: string, known: Iterable<string>): ControlError =>
  new ControlError(
    'unknown',
    `no ${what} is called ${JSON.stringify(given)}; known: ${[...known].join(', ') || 'none'}`,
  )

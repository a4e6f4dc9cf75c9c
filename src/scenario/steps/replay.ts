/**
 * Replay: the story's recording plays on, at its own pace, on the story's clock.
 *
 * @module
 */

import { z } from 'zod'
import { moveTo } from '../../control/advance-clock.js'
import { faultySink } from '../../fault/feed.js'
import type { Player, PlayState } from '../../market/recorded/player.js'
import { duration } from '../duration.js'
import type { ScenarioHost } from '../host.js'
import { defineStep, StoryError } from '../step.js'

const PART = 'replay'
const players = new WeakMap<ScenarioHost, Player>()

export const replay = defineStep({
  name: 'replay',
  about: 'plays the recording on for some time; its messages come when they came',
  input: z.strictObject({ for: duration }),
  run: async ({ host, atEnd }, { for: for_ms }) => {
    const { recording, target } = host
    const { manual } = target
    if (recording === null) throw new StoryError('the story names no recording to replay')
    if (manual === null) throw new StoryError('a replay needs a manual clock')
    let player = players.get(host)
    if (player === undefined) {
      const started = recording.play(
        faultySink(target.faults, recording.venue, target.hub.feed(recording.venue)),
      )
      // A story that goes back in time finds the recording where it was then.
      target.parts.set(PART, {
        save: () => started.save(),
        restore: (state) => started.restore(state as PlayState | undefined),
      })
      atEnd(() => {
        started.stop()
        target.parts.delete(PART)
        players.delete(host)
      })
      players.set(host, started)
      player = started
    }
    // Recorded moments are counted from where the play stands; the clock counts its own.
    const story_ns = manual.now_ns()
    const recorded_ns = player.now_ns === 0n ? recording.first_ns : player.now_ns
    const until_ns = recorded_ns + BigInt(Math.round(for_ms * 1_000_000))
    let played = 0
    for (;;) {
      const next_ns = await player.next_ns()
      if (next_ns === undefined || next_ns > until_ns) break
      const due_ns = story_ns + (next_ns - recorded_ns)
      if (due_ns > manual.now_ns()) await moveTo(target, manual, due_ns)
      await player.step()
      played += 1
    }
    await moveTo(target, manual, story_ns + (until_ns - recorded_ns))
    return { played, ended: (await player.next_ns()) === undefined }
  },
})

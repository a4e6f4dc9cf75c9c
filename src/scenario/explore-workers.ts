/**
 * Explore workers: one exploration divided over threads. Schedules have numbers, every thread tries its own,
 * and the lowest that breaks the client is what is found, as one thread alone would have.
 *
 * @module
 */

import type { MessagePort } from 'node:worker_threads'
import type { ClientScript } from './client.js'
import { type Exploration, exploreShare, type Found, NONE_YET } from './explore.js'
import type { ScenarioStage } from './host.js'
import { importModule, loadScenario } from './load.js'
import { threadOf } from './sweep.js'

/** What every thread is told; files, since a client cannot travel. */
export interface ExploreTask {
  readonly client: string
  readonly scenario: string
  readonly events?: number
  readonly seconds?: number
  readonly seed?: number
}

interface ThreadData extends ExploreTask {
  readonly worker: number
  readonly workers: number
  readonly cell: SharedArrayBuffer
}

/** @throws Error when a thread ends without an answer. */
export async function exploreOn(
  workers: number,
  entry: URL,
  task: ExploreTask,
): Promise<Exploration> {
  const cell = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  new Int32Array(cell)[0] = NONE_YET
  const work = (worker: number): Promise<Found> =>
    new Promise((resolve, reject) => {
      const data: ThreadData = { ...task, worker, workers, cell }
      const thread = threadOf(entry, data)
      thread.on('message', resolve)
      thread.on('error', reject)
      thread.on('exit', () => reject(new Error('an explorer ended without an answer')))
    })
  const all = await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  const [best] = [...all].sort((a, b) => a.number - b.number)
  if (best === undefined) throw new Error('nobody explored')
  const { number: _number, ...found } = best
  return {
    ...found,
    runs: all.reduce((sum, { runs }) => sum + runs, 0),
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    exhausted: Math.min(...all.map(({ exhausted }) => exhausted)),
  }
}

/** A thread's side. */
export async function serveExplore(
  stage: ScenarioStage,
  port: MessagePort,
  data: ThreadData,
): Promise<void> {
  const { client, scenario: file, worker, workers, cell, ...rest } = data
  const { scenario, folder } = await loadScenario(file, stage.venues)
  const module = (await importModule(client)) as { default: ClientScript }
  const share = { worker, workers, first: new Int32Array(cell) }
  const found = await exploreShare(
    { stage, scenario, folder, client: module.default, ...rest },
    share,
  )
  port.postMessage(found)
  port.close()
}

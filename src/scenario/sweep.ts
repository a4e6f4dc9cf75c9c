/**
 * Sweep: the same stories with many seeds, on several worker threads.
 *
 * Every run is on its own sandbox; the order in which runs end changes no result.
 *
 * @module
 */

import { type MessagePort, Worker } from 'node:worker_threads'
import { stopwatch } from '../world/stopwatch.js'
import type { ScenarioStage } from './host.js'
import { type LoadedScenario, loadScenario } from './load.js'
import { failureText, runScenario } from './runner.js'

export interface SweepOptions {
  readonly files: readonly string[]
  readonly seeds: { readonly from: number; readonly to: number }
  readonly workers: number
  /** Module that calls {@link serveSweep} with its stage. */
  readonly worker: URL
  readonly given: ReadonlyMap<string, string>
  readonly progress?: (done: number, total: number, failed: number) => void
}

/** One run of a sweep. */
export interface SweepRun {
  readonly file: string
  readonly seed: number
  readonly ok: boolean
  readonly sha256: string
  /** Words of the failure with its replay command; null when it held. */
  readonly failure: string | null
}

export interface SweepResult {
  /** By file, then seed. */
  readonly runs: readonly SweepRun[]
  /** From when the first thread was ready. */
  readonly seconds: number
  readonly seeds_per_second: number
}

interface Task {
  readonly file: string
  readonly seed: number
}

type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'ran'; readonly run: SweepRun }
  | { readonly type: 'broke'; readonly task: Task; readonly message: string }

/** Most seeds a sweep takes at once. */
export const SEEDS_MAX = 1_000_000

/**
 * Seeds of `1..1000` or a single number.
 *
 * @throws RangeError when the text is no range of seeds.
 */
export function parseSeeds(text: string): { from: number; to: number } {
  const match = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text)
  const from = Number(match?.[1])
  const to = Number(match?.[2] ?? match?.[1])
  if (match === null || to < from || to - from >= SEEDS_MAX) {
    throw new RangeError(
      `${JSON.stringify(text)} is no range of seeds; write 1..1000 (at most ${SEEDS_MAX} of them)`,
    )
  }
  return { from, to }
}

/** Runs every file with every seed. A run that cannot be told at all fails the sweep at once. */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  const { files, seeds, worker: entry, given, progress } = options
  const tasks: Task[] = files.flatMap((file) =>
    Array.from({ length: seeds.to - seeds.from + 1 }, (_, n) => ({ file, seed: seeds.from + n })),
  )
  const total = tasks.length
  const runs: SweepRun[] = []
  let failed = 0
  let next = 0
  let elapsed: (() => number) | null = null

  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = threadOf(entry, { files, given: [...given] })
      const feed = (): void => {
        const task = tasks[next]
        next += 1
        if (task === undefined) thread.postMessage('done')
        else thread.postMessage(task)
      }
      thread.on('message', (message: FromWorker) => {
        // Starting threads is no part of telling stories.
        elapsed ??= stopwatch()
        if (message.type === 'broke') {
          void thread.terminate()
          reject(
            new Error(`${message.task.file} with seed ${message.task.seed}: ${message.message}`),
          )
          return
        }
        if (message.type === 'ran') {
          runs.push(message.run)
          if (!message.run.ok) failed += 1
          progress?.(runs.length, total, failed)
        }
        feed()
      })
      thread.on('error', reject)
      thread.on('exit', () => resolve())
    })

  await Promise.all(Array.from({ length: Math.min(options.workers, total) }, work))
  if (runs.length < total) throw new Error(`only ${runs.length} of ${total} runs came back`)
  const seconds = elapsed === null ? 0 : (elapsed as () => number)()
  const order = new Map(files.map((file, index) => [file, index]))
  runs.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.seed - b.seed)
  return { runs, seconds, seeds_per_second: total / seconds }
}

/** In a source checkout the worker is TypeScript, as this module is, and needs its reader. */
export function threadOf(entry: URL, workerData: unknown): Worker {
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry, { workerData })
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}) })`
  return new Worker(start, { eval: true, workerData })
}

/** The worker's side: takes one task after another until there are none. */
export async function serveSweep(
  stage: ScenarioStage,
  port: MessagePort,
  data: {
    readonly files: readonly string[]
    readonly given: readonly (readonly [string, string])[]
  },
): Promise<void> {
  const given = new Map(data.given)
  const loaded = new Map<string, LoadedScenario>()
  for (const file of data.files) loaded.set(file, await loadScenario(file, stage.venues))
  const send = (message: FromWorker): void => port.postMessage(message)
  const take = async (task: Task): Promise<void> => {
    const known = loaded.get(task.file)
    if (known === undefined) throw new Error('the file was not loaded')
    const { scenario, folder } = known
    const result = await runScenario(scenario, { stage, seed: task.seed, folder, given })
    send({
      type: 'ran',
      run: {
        file: task.file,
        seed: task.seed,
        ok: result.ok,
        sha256: result.sha256,
        failure: result.ok ? null : failureText(result, task.file),
      },
    })
  }
  port.on('message', (task: Task | 'done') => {
    if (task === 'done') {
      port.close()
      return
    }
    take(task).catch((error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      send({ type: 'broke', task, message })
    })
  })
  send({ type: 'ready' })
}

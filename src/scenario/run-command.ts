/**
 * Run command: `papervenue run <files>`: tells stories, sweeps seeds, writes reports.
 *
 * @module
 */

import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Presets, SingleBar } from 'cli-progress'
import { DocumentError } from './document.js'
import type { ScenarioStage } from './host.js'
import { loadScenario } from './load.js'
import { htmlReport } from './report/html.js'
import { jsonReport, sweepJson, type ToldRun } from './report/json.js'
import { junitReport, sweepJunit } from './report/junit.js'
import { sweepHtml } from './report/sweep-html.js'
import { failureText, runScenario } from './runner.js'
import { ScenarioError } from './scenario.js'
import { StoryError } from './step.js'
import { parseSeeds, type SweepResult, type SweepRun, sweep } from './sweep.js'

export interface RunCommandOptions {
  readonly seed?: string
  readonly seeds?: string
  readonly workers?: string
  readonly report?: string
  readonly out?: string
  /** `name=value`, any number of them. */
  readonly set?: readonly string[]
}

export interface RunCommandSetup {
  readonly stage: ScenarioStage
  /** Worker module for sweeps. */
  readonly worker: URL
  readonly print: (line: string) => void
  /** Where the progress bar goes; absent: no bar. */
  readonly bar?: NodeJS.WriteStream
}

const REPORTS = { html: htmlReport, junit: junitReport, json: jsonReport } as const
const EXTENSION = { html: 'html', junit: 'xml', json: 'json' } as const

/**
 * Runs the files.
 *
 * @returns The exit code: 0 all hold, 1 something failed, 2 something cannot run.
 */
export async function runCommand(
  files: readonly string[],
  options: RunCommandOptions,
  setup: RunCommandSetup,
): Promise<0 | 1 | 2> {
  const { print } = setup
  try {
    const wanted = checked(files, options)
    return wanted.seeds === null
      ? await tellEach(files, wanted, setup)
      : await sweepAll(files, { ...wanted, seeds: wanted.seeds }, setup)
  } catch (error) {
    if (isMistake(error)) {
      print(error.message)
      return 2
    }
    throw error
  }
}

interface Wanted {
  readonly seed: number | null
  readonly seeds: { readonly from: number; readonly to: number } | null
  readonly workers: number
  readonly report: keyof typeof REPORTS | null
  readonly out: string | null
  readonly given: ReadonlyMap<string, string>
}

/** A mistake of the person at the keyboard, told without a stack. */
class UsageError extends Error {}

const isMistake = (error: unknown): error is Error =>
  error instanceof UsageError ||
  error instanceof DocumentError ||
  error instanceof ScenarioError ||
  error instanceof StoryError ||
  error instanceof RangeError ||
  (error as { code?: string } | null)?.code === 'ENOENT'

function checked(files: readonly string[], options: RunCommandOptions): Wanted {
  if (files.length === 0) throw new UsageError('name at least one scenario file')
  const { seed, seeds, report } = options
  if (seed !== undefined && seeds !== undefined)
    throw new UsageError('give --seed or --seeds, not both')
  if (report !== undefined && !(report in REPORTS)) {
    throw new UsageError(`--report ${report} is not known; html, junit and json are`)
  }
  return {
    seed: seed === undefined ? null : wholeNumber(seed, '--seed'),
    seeds: seeds === undefined ? null : parseSeeds(seeds),
    workers:
      options.workers === undefined
        ? availableParallelism()
        : Math.max(1, wholeNumber(options.workers, '--workers')),
    report: (report as keyof typeof REPORTS | undefined) ?? null,
    out: options.out ?? null,
    given: new Map((options.set ?? []).map(assignment)),
  }
}

function wholeNumber(text: string, option: string): number {
  const n = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(n)) return n
  throw new UsageError(`${option} ${text} is no whole number`)
}

function assignment(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--set ${text} has no name=value`)
  return [text.slice(0, at), text.slice(at + 1)]
}

async function tellEach(
  files: readonly string[],
  wanted: Wanted,
  { stage, print }: RunCommandSetup,
): Promise<0 | 1> {
  const loaded = []
  for (const file of files) loaded.push(await loadScenario(file, stage.venues))
  const told: ToldRun[] = []
  for (const { file, folder, scenario } of loaded) {
    const result = await runScenario(scenario, {
      stage,
      folder,
      given: wanted.given,
      trace: wanted.report === 'html',
      ...(wanted.seed === null ? {} : { seed: wanted.seed }),
    })
    told.push({ file, result })
    const { name } = scenario
    print(
      result.ok
        ? `ok      ${name} (seed ${result.seed}, ${result.checks} checks, journal ${result.sha256.slice(0, 16)})`
        : `failed  ${failureText(result, file)}`,
    )
  }
  const failed = told.filter(({ result }) => !result.ok).length
  print(`${told.length - failed} hold, ${failed} failed`)
  await writeReport(told, wanted, print)
  return failed === 0 ? 0 : 1
}

async function sweepAll(
  files: readonly string[],
  wanted: Wanted & { readonly seeds: { readonly from: number; readonly to: number } },
  { stage, worker, print, bar: stream }: RunCommandSetup,
): Promise<0 | 1> {
  // Mistakes are told here, once, and not by every worker.
  for (const file of files) await loadScenario(file, stage.venues)
  const bar =
    stream === undefined
      ? null
      : new SingleBar(
          {
            stream,
            clearOnComplete: true,
            format: '{bar} {value}/{total} seeds, {failed} failed, {duration_formatted}',
          },
          Presets.shades_classic,
        )
  bar?.start(files.length * (wanted.seeds.to - wanted.seeds.from + 1), 0, { failed: 0 })
  const swept = await sweep({
    files,
    seeds: wanted.seeds,
    workers: wanted.workers,
    worker,
    given: wanted.given,
    progress: (done, _total, failed) => bar?.update(done, { failed }),
  }).finally(() => bar?.stop())
  const failures = swept.runs.filter(({ ok }) => !ok)
  for (const { failure } of failures.slice(0, 10)) print(failure ?? '')
  if (failures.length > 10) print(`… and ${failures.length - 10} more`)
  print(
    `${swept.runs.length - failures.length} hold, ${failures.length} failed, ${swept.seeds_per_second.toFixed(1)} seeds per second`,
  )
  await writeSweep(swept, wanted, { stage, print })
  return failures.length === 0 ? 0 : 1
}

async function writeSweep(
  swept: SweepResult,
  wanted: Wanted,
  { stage, print }: Pick<RunCommandSetup, 'stage' | 'print'>,
): Promise<void> {
  switch (wanted.report) {
    case null:
      return
    case 'json':
      return write(sweepJson(swept), wanted, print)
    case 'junit':
      return write(sweepJunit(swept.runs), wanted, print)
    case 'html': {
      const [failed] = swept.runs.filter(({ ok }) => !ok)
      const first = failed === undefined ? null : await toldAgain(failed, wanted, stage)
      return write(sweepHtml(swept, first), wanted, print)
    }
  }
}

/** The same run with a trace: equal seed, equal story. */
async function toldAgain(
  { file, seed }: SweepRun,
  { given }: Wanted,
  stage: ScenarioStage,
): Promise<ToldRun> {
  const { scenario, folder } = await loadScenario(file, stage.venues)
  return { file, result: await runScenario(scenario, { stage, folder, given, seed, trace: true }) }
}

async function writeReport(
  told: readonly ToldRun[],
  wanted: Wanted,
  print: (line: string) => void,
): Promise<void> {
  if (wanted.report === null) return
  await write(REPORTS[wanted.report](told), wanted, print)
}

async function write(text: string, wanted: Wanted, print: (line: string) => void): Promise<void> {
  if (wanted.report === null) return
  const out = wanted.out ?? `papervenue-report.${EXTENSION[wanted.report]}`
  await writeFile(out, text)
  print(`report: ${out}`)
}

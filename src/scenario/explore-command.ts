/**
 * Explore command: `papervenue explore <client> --scenario <file>`.
 *
 * @module
 */

import { availableParallelism } from 'node:os'
import type { ClientScript } from './client.js'
import { CLIENT, type Exploration, explore, faultOf } from './explore.js'
import { exploreOn } from './explore-workers.js'
import type { ScenarioStage } from './host.js'
import { importModule, loadScenario } from './load.js'

export interface ExploreCommandOptions {
  readonly scenario: string
  readonly events?: string
  readonly seconds?: string
  readonly seed?: string
  readonly workers?: string
}

/**
 * Explores the client of a module.
 *
 * @returns The exit code: 0 nothing found, 1 broken.
 * @throws Error when a file or an option is none.
 */
export async function exploreCommand(
  file: string,
  options: ExploreCommandOptions,
  setup: {
    readonly stage: ScenarioStage
    /** Worker module for explorations on several threads. */
    readonly worker: URL
    readonly print: (line: string) => void
  },
): Promise<0 | 1> {
  const { stage, print } = setup
  const { scenario, folder } = await loadScenario(options.scenario, stage.venues)
  const client = clientOf(await importModule(file), file)
  const events = optional(options.events, '--events', 1, 8)
  const seconds = optional(options.seconds, '--seconds', 1, 86_400)
  const seed = optional(options.seed, '--seed', 0, Number.MAX_SAFE_INTEGER)
  const workers =
    optional(options.workers, '--workers', 1, 256) ?? Math.min(2, availableParallelism())
  const limits = {
    ...(events === undefined ? {} : { events }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(seed === undefined ? {} : { seed }),
  }
  const found =
    workers === 1
      ? await explore({ stage, scenario, client, folder, ...limits })
      : await exploreOn(workers, setup.worker, {
          client: file,
          scenario: options.scenario,
          ...limits,
        })
  for (const line of explorationText(found)) print(line)
  return found.broken === null ? 0 : 1
}

/** An exploration in words; a broken client with the plan entries that break it. */
export function explorationText(found: Exploration): string[] {
  const { client, broken, runs, seconds, requests, messages, exhausted } = found
  const effort = `${runs} runs in ${seconds.toFixed(1)} s over ${requests} requests and ${messages} messages`
  if (broken === null) {
    return [`${client}: not broken (${effort}; every schedule up to ${exhausted} events was tried)`]
  }
  return [
    `${client}: broken by ${broken.schedule.length} event${broken.schedule.length === 1 ? '' : 's'} (${effort})`,
    ...broken.schedule.map(
      (event, index) =>
        `  ${index + 1}. ${event.type} at ${event.nth}: ${JSON.stringify(faultOf(event, CLIENT))}`,
    ),
    `  ${broken.what}`,
  ]
}

function clientOf(module: Record<string, unknown>, file: string): ClientScript {
  const { default: client } = module
  const { run, invariant } = (client ?? {}) as Partial<ClientScript>
  if (typeof run === 'function' && typeof invariant === 'function') return client as ClientScript
  throw new Error(`${file} has no default export made by defineClient`)
}

function optional(
  text: string | undefined,
  option: string,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined
  const n = Number(text)
  if (/^\d+$/.test(text) && n >= least && n <= most) return n
  throw new RangeError(`${option} ${text}: a whole number from ${least} to ${most} is expected`)
}

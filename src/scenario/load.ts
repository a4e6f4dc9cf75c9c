/**
 * Load: scenarios from files: JSON documents, and modules whose default export is a scenario.
 *
 * @module
 */

import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Venue } from '../venue/contract.js'
import { parseScenario } from './document.js'
import type { Scenario } from './scenario.js'

export interface LoadedScenario {
  readonly file: string
  /** Where relative names in the story start. */
  readonly folder: string
  readonly scenario: Scenario
}

/**
 * The scenario of a file.
 *
 * @throws DocumentError or ScenarioError when the story has mistakes; Error when the file is none.
 */
export async function loadScenario(
  file: string,
  venues?: readonly Venue[],
): Promise<LoadedScenario> {
  const path = resolve(file)
  const folder = dirname(path)
  const scenario = ['.json', '.jsonc'].includes(extname(path))
    ? parseScenario(await readFile(path, 'utf8'), {
        file,
        ...(venues === undefined ? {} : { venues }),
      })
    : scenarioOf(await importModule(path), file)
  return { file, folder, scenario }
}

/** A module of a file, TypeScript included where the runtime or an installed `tsx` reads it. */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(resolve(path)).href
  try {
    return (await import(url)) as Record<string, unknown>
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
  }
  const tsx = await import('tsx/esm/api').catch(() => null)
  if (tsx === null) {
    throw new Error(
      `${path} is TypeScript, which this Node reads from 22.18 on; use that, install tsx, or write JSON`,
    )
  }
  return (await tsx.tsImport(url, import.meta.url)) as Record<string, unknown>
}

function scenarioOf(module: Record<string, unknown>, file: string): Scenario {
  const { default: scenario } = module
  if (
    typeof scenario === 'object' &&
    scenario !== null &&
    'steps' in scenario &&
    'agents' in scenario
  ) {
    return scenario as Scenario
  }
  throw new Error(`${file} has no default export made by defineScenario`)
}

/**
 * Cli: the `papervenue` command. Errors of use are one line and exit code 2, failed calls 1.
 *
 * @module
 */

import { Command, CommanderError } from 'commander'
import type { ExploreCommandOptions } from '../scenario/explore-command.js'
import type { RunCommandOptions } from '../scenario/run-command.js'
import { CallFailed } from './client.js'
import { type ServeFlags, serveOptions } from './options.js'
import { UsageError } from './usage-error.js'
import { addVerbs } from './verbs.js'
import { VERSION } from './version.js'

export interface CliHost {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
  /** Resolves when the process is asked to end. */
  readonly stopped: () => Promise<void>
}

/**
 * Runs one command line.
 *
 * @param args - Without the interpreter and the script.
 * @returns The exit code, once everything is done; `serve` is done when asked to stop.
 */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  let exit = 0
  const program = new Command('papervenue')
    .description('sandbox API, mock venues and an adversarial simulator')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.print(text.trimEnd()),
      writeErr: () => undefined,
    })

  program
    .command('serve')
    .description('serve the sandbox API and the mock venues')
    .option('--port <port>', 'port (default 50052; 0 picks a free one)')
    .option('--host <host>', 'address (default 127.0.0.1)')
    .option('--data <dir>', 'keep state in this folder (default: memory only)')
    .option('--database-url <url>', 'keep state in PostgreSQL (or DATABASE_URL)')
    .option('--seed <n>', 'seed of every stream of chance (default 42)')
    .option('--liquidity <source>', 'quiet, live or replay:FILE (default quiet)')
    .option('--adversary <profile>', 'off, realistic or worst (default realistic)')
    .option('--config <file>', 'JSON file with the same options')
    .option('--venue-port <venue=port>', 'give a venue its own port; may repeat', collect, [])
    .option('--switch <venue.name=value>', 'set a switch of a venue; may repeat', collect, [])
    .option('--rate-limit <qps>', 'calls per second and client (default: no limit)')
    .option('--max-position <qty>', 'greatest position in a symbol (default: no limit)')
    .option('--max-daily-loss <usd>', 'loss since midnight UTC (default: no limit)')
    .option('--max-deviation <bps>', 'of an aggressive limit price, or off (default 500)')
    .option('--lax-keys', 'accept short API keys such as seq_test_demo')
    .option('--admin-token <token>', 'opens /control to other machines (or PAPERVENUE_ADMIN_TOKEN)')
    .option('--log-level <level>', 'silent, error, warn, info or debug (default warn)')
    .action(async (flags: ServeFlags) => {
      const options = serveOptions(flags, host.env)
      const { serve } = await import('./serve.js')
      const server = await serve(options, 'replaced')
      host.print(server.banner)
      await host.stopped()
      await server.close()
    })

  addStories(program, host, (code) => {
    exit = code
  })
  addVerbs(program, host)
  for (const command of allOf(program)) {
    command.exitOverride()
    command.copyInheritedSettings(program)
  }

  try {
    await program.parseAsync([...args], { from: 'user' })
    return exit
  } catch (error) {
    return failed(error, host)
  }
}

/** Scenarios: told in this process, each on a sandbox of its own. */
function addStories(program: Command, { print }: CliHost, exitWith: (code: number) => void): void {
  program
    .command('run <files...>')
    .description('tell scenarios, or sweep them over seeds')
    .option('--seed <n>', 'seed of every stream of chance')
    .option('--seeds <from..to>', 'sweep over these seeds')
    .option('--workers <n>', 'threads of a sweep')
    .option('--report <form>', 'html, junit or json')
    .option('--out <file>', 'where the report goes')
    .option('--set <name=value>', 'give the scenario a value; may repeat', collect, [])
    .action(async (files: string[], options: RunCommandOptions) => {
      const [{ runCommand }, { stage }] = await Promise.all([
        import('../scenario/run-command.js'),
        import('./stage.js'),
      ])
      const worker = new URL('./sweep-worker.js', import.meta.url)
      const bar = process.stderr.isTTY ? { bar: process.stderr } : {}
      exitWith(await runCommand(files, options, { stage, worker, print, ...bar }))
    })
  program
    .command('explore <client>')
    .description('search for what a lost, late or repeated message does to a client')
    .requiredOption('--scenario <file>', 'the story it lives in')
    .option('--events <n>', 'most things that go wrong at once')
    .option('--seconds <n>', 'how long to search')
    .option('--seed <n>', 'seed of every stream of chance')
    .option('--workers <n>', 'threads that search (default: two, or as many as there are)')
    .action(async (file: string, options: ExploreCommandOptions) => {
      const [{ exploreCommand }, { stage }] = await Promise.all([
        import('../scenario/explore-command.js'),
        import('./stage.js'),
      ])
      const worker = new URL('./explore-worker.js', import.meta.url)
      exitWith(await exploreCommand(file, options, { stage, worker, print }))
    })
}

function failed(error: unknown, { complain }: CliHost): number {
  if (error instanceof CommanderError) {
    // Help and version are no failures.
    if (error.exitCode === 0) return 0
    complain(`papervenue: ${error.message.replace(/^error: /, '')}`)
    return 2
  }
  if (error instanceof UsageError) {
    complain(`papervenue: ${error.message}`)
    return 2
  }
  if (error instanceof CallFailed) {
    complain(`papervenue: ${error.message}`)
    return 1
  }
  throw error
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value]

const allOf = (command: Command): Command[] =>
  command.commands.flatMap((one) => [one, ...allOf(one)])

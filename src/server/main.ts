#!/usr/bin/env node
/**
 * Main: the `papervenue` command as a process.
 *
 * @module
 */

import { runCli } from './cli.js'

const stopped = () =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  print: (text) => console.log(text),
  complain: (text) => console.error(text),
  stopped,
})

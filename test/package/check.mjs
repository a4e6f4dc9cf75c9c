/**
 * The package as its users get it: packed, linted, installed into a fresh repository, and used.
 *
 * Needs `npm run build` before it. Prints what it measured; ends with 1 at the first thing that is wrong.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const work = mkdtempSync(join(tmpdir(), 'papervenue-package-'))
const home = join(work, 'fresh')

const run = (command, args, cwd) =>
  execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  })

function step(name, work) {
  try {
    const said = work()
    console.log(`ok: ${name}${said === undefined ? '' : ` (${said})`}`)
  } catch (error) {
    console.error(`FAILED: ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`)
    process.exitCode = 1
    throw error
  }
}

/** The README's fixture example: the first TypeScript block that imports the door. */
function example() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)
  const found = blocks.find((code) => code.includes("from 'papervenue/vitest'"))
  if (found === undefined) throw new Error('README.md shows no example of papervenue/vitest')
  return found
}

/** The README's explorations, with the files of the installed package. */
function explorations() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const found = [...readme.matchAll(/^npx (papervenue explore .*)$/gm)]
  if (found.length === 0) throw new Error('README.md shows no exploration')
  const installed = (word) =>
    /^(dist|scenarios)\//.test(word) ? `node_modules/papervenue/${word}` : word
  return found.map(([, line]) => ['--no-install', ...line.split(' ').map(installed)])
}

function sizeOf(folder) {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
  }
  return bytes
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`

async function serveTime() {
  const started = performance.now()
  const bin = join(home, 'node_modules/papervenue/dist/src/server/main.js')
  const server = spawn(process.execPath, [bin, 'serve', '--port', '0'], { cwd: home })
  try {
    const url = await new Promise((found, failed) => {
      let said = ''
      const look = (data) => {
        said += data
        const match = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
        if (match !== null) found(match[0])
      }
      server.stdout.on('data', look)
      server.stderr.on('data', look)
      server.on('exit', () => failed(new Error(`the server ended: ${said}`)))
    })
    const answer = await fetch(`${url}/healthz`)
    if (!answer.ok) throw new Error(`/healthz answered ${answer.status}`)
    return `first answer after ${Math.round(performance.now() - started)} ms`
  } finally {
    server.kill()
  }
}

try {
  let tarball = ''
  step('npm pack', () => {
    const [packed] = JSON.parse(
      run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], root),
    )
    tarball = join(work, packed.filename)
    return `${megabytes(packed.size)} packed, ${megabytes(packed.unpackedSize)} unpacked, ${packed.entryCount} files`
  })
  step('publint', () => {
    run('npx', ['--no-install', 'publint', 'run', tarball, '--strict'], root)
  })
  step('are the types wrong', () => {
    run('npx', ['--no-install', 'attw', tarball, '--profile', 'esm-only'], root)
  })
  step('install into a fresh repository', () => {
    rmSync(home, { recursive: true, force: true })
    run('mkdir', [home], work)
    writeFileSync(
      join(home, 'package.json'),
      JSON.stringify({ name: 'fresh', private: true, type: 'module' }),
    )
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const peers = ['vitest', 'fast-check'].map((name) => `${name}@${devDependencies[name]}`)
    run('npm', ['install', '--no-audit', '--no-fund', tarball, ...peers], home)
    const own = sizeOf(join(home, 'node_modules/papervenue'))
    return `papervenue ${megabytes(own)}, node_modules ${megabytes(sizeOf(join(home, 'node_modules')))}`
  })
  step("the README's fixture example", () => {
    writeFileSync(join(home, 'example.test.ts'), example())
    const said = run('npx', ['--no-install', 'vitest', 'run'], home)
    if (!/Tests\s+1 passed/.test(said)) throw new Error(said)
  })
  step('every door opens', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const doors = Object.keys(exports)
      .filter((door) => !door.endsWith('.json') && door !== './vitest')
      .map((door) => door.replace('./venues/*', './venues/kraken').replace(/^\./, 'papervenue'))
    const script = doors.map((door) => `await import('${door}')`).join('\n')
    run(process.execPath, ['--input-type=module', '--eval', script], home)
    return doors.join(', ')
  })
  step('a scenario and the command line', () => {
    cpSync(join(home, 'node_modules/papervenue/scenarios/no-ask.json'), join(home, 'no-ask.json'))
    const said = run(
      'npx',
      ['--no-install', 'papervenue', 'run', 'no-ask.json', '--seeds', '1..4', '--workers', '2'],
      home,
    )
    if (!said.includes('4 hold, 0 failed')) throw new Error(said)
    return said.trim().split('\n').at(-1)
  })
  for (const args of explorations()) {
    step("the README's exploration", () => {
      const { status, stdout, stderr } = spawnSync('npx', args, { cwd: home, encoding: 'utf8' })
      // A client that is broken ends with 1.
      if (status !== 1 || !/: broken by \d+ event/.test(stdout)) {
        throw new Error(`it ended with ${status}:\n${stdout}${stderr}`)
      }
      return stdout.split('\n')[0]
    })
  }
  const serving = await serveTime()
  console.log(`ok: serve (${serving})`)
} finally {
  rmSync(work, { recursive: true, force: true })
}

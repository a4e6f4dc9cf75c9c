/**
 * Runs the README's quick start as a new user would: starts the server, runs every `curl` block against
 * it and compares each answer with the JSON block printed below it. Numbers may differ (prices move);
 * keys, types and words may not.
 */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```sh\n(curl [\s\S]*?)```\s*```json\n([\s\S]*?)```/g)]
if (examples.length < 4)
  throw new Error(`README.md shows ${examples.length} curl examples; at least 4 are expected.`)

const port = await freePort()
const server = spawn(
  process.execPath,
  [join(root, 'dist/src/server/main.js'), 'serve', '--liquidity', 'live', '--port', String(port)],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
try {
  await listening(server)
  for (const [, command, shown] of examples) {
    const answer = run(command.replaceAll('50052', String(port)))
    const differences = compare(JSON.parse(shown), JSON.parse(answer), '$')
    if (differences.length > 0) {
      throw new Error(
        `README example answers differently:\n${command}\n${answer}\n${differences.join('\n')}`,
      )
    }
    console.log(`ok ${command.split('\n')[0]}`)
  }
} finally {
  server.kill('SIGTERM')
}

function run(command) {
  return execFileSync('bash', ['-c', command], { encoding: 'utf8', timeout: 20_000 })
}

function compare(shown, got, path) {
  if (typeof shown !== typeof got || Array.isArray(shown) !== Array.isArray(got)) {
    return [
      `${path}: README shows ${JSON.stringify(shown)}, the server answers ${JSON.stringify(got)}`,
    ]
  }
  if (typeof shown === 'number' || shown === null) return []
  if (typeof shown !== 'object') {
    return shown === got || /^graph[_:]/.test(String(got))
      ? []
      : [`${path}: README shows ${shown}, the server answers ${got}`]
  }
  const keys = new Set([...Object.keys(shown), ...Object.keys(got)])
  return [...keys].flatMap((key) =>
    key in shown && key in got
      ? compare(shown[key], got[key], `${path}.${key}`)
      : [`${path}.${key}: only ${key in shown ? 'README shows it' : 'the server answers it'}`],
  )
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

function listening(process_) {
  return new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error('the server did not start within 60 s')), 60_000)
    let text = ''
    process_.stdout.on('data', (chunk) => {
      text += chunk
      if (!text.includes('listening on')) return
      clearTimeout(late)
      done()
    })
    process_.once('exit', (code) => failed(new Error(`the server ended with ${code}:\n${text}`)))
  })
}

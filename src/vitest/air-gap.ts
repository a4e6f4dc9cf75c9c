/**
 * Air gap: while it is closed, a connection or a name look-up beyond this machine throws at its caller
 * and is written down with its stack.
 *
 * It guards the whole process: of tests that run at the same time, each one whose time an offence falls
 * into fails, and the stack says whose it was.
 *
 * @module
 */

import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

/** Somebody reached for the network. */
export class AirGapError extends Error {
  constructor(what: string) {
    super(`${what}: the air gap is closed, and only this machine may be reached`)
    this.name = 'AirGapError'
  }
}

export interface AirGap {
  /** What happened since it was closed, oldest first. */
  readonly offences: readonly AirGapError[]
  /** Opens this guard; the network is free again once every guard is open. */
  open(): void
}

interface Guard extends AirGap {
  readonly offences: AirGapError[]
}

const guards = new Set<Guard>()
let restore: (() => void) | null = null

/** Closes the air gap. */
export function closeAirGap(): AirGap {
  restore ??= install()
  const guard: Guard = {
    offences: [],
    open: () => {
      guards.delete(guard)
      if (guards.size > 0) return
      restore?.()
      restore = null
    },
  }
  guards.add(guard)
  return guard
}

/** Whether a name or address is this machine's. */
export function isLoopbackName(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  return (
    name === '' ||
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    name === '::' ||
    name === '0.0.0.0' ||
    /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  )
}

function refuse(what: string): never {
  // An http client alone puts ten frames between the offender and its socket.
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 60
  const error = new AirGapError(what)
  Error.stackTraceLimit = before
  for (const guard of guards) guard.offences.push(error)
  throw error
}

type Patchable = Record<string, (...args: unknown[]) => unknown>

function install(): () => void {
  const undo: (() => void)[] = []
  const wrap = (
    owner: object,
    name: string,
    how: 'throws' | 'rejects',
    check: (args: readonly unknown[]) => void,
  ): void => {
    const holder = owner as Patchable
    const before = holder[name]
    if (typeof before !== 'function') return
    holder[name] = function patched(this: unknown, ...args: unknown[]): unknown {
      try {
        check(args)
      } catch (error) {
        if (how === 'rejects') return Promise.reject(error)
        throw error
      }
      return before.apply(this, args)
    }
    undo.push(() => {
      holder[name] = before
    })
  }
  wrap(net.Socket.prototype, 'connect', 'throws', (args) => {
    const target = targetOf(args)
    if (!isLoopbackName(target.host)) refuse(`a connection to ${target.host}:${target.port}`)
  })
  // By the time fetch connects, its caller is gone from the stack.
  wrap(globalThis, 'fetch', 'rejects', ([input]) => {
    const url = urlOf(input)
    if (url !== null && !isLoopbackName(url.hostname)) refuse(`a request to ${url.host}`)
  })
  const lookup = ([name]: readonly unknown[]): void => {
    if (typeof name === 'string' && !isLoopbackName(name)) refuse(`a look-up of ${name}`)
  }
  for (const [owner, how] of [
    [dns, 'throws'],
    [dns.Resolver.prototype, 'throws'],
    [dns.promises, 'rejects'],
    [dns.promises.Resolver.prototype, 'rejects'],
  ] as const) {
    for (const name of namesOf(owner)) {
      if (/^(?:lookup|resolve|reverse)/.test(name)) wrap(owner, name, how, lookup)
    }
  }
  const datagram = (args: readonly unknown[]): void => {
    const host = args.find((arg) => typeof arg === 'string')
    if (typeof host === 'string' && !isLoopbackName(host)) refuse(`a datagram to ${host}`)
  }
  // The first argument is what is sent, and may be text itself.
  wrap(dgram.Socket.prototype, 'send', 'throws', (args) => datagram(args.slice(1)))
  wrap(dgram.Socket.prototype, 'connect', 'throws', datagram)
  syncBuiltinESMExports()
  return () => {
    for (const put of undo) put()
    syncBuiltinESMExports()
  }
}

/** Names on an object and on what it inherits from, but for what every object has. */
function namesOf(owner: object): string[] {
  const names = new Set<string>()
  for (
    let at: object | null = owner;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  }
  return [...names]
}

/** Where a `fetch` goes; null: nowhere, which it says itself. */
function urlOf(input: unknown): URL | null {
  const text = input instanceof Request ? input.url : String(input)
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null
}

/** Where `socket.connect` goes; an empty host is this machine, a path a socket of it. */
function targetOf(args: readonly unknown[]): { host: string; port: string } {
  // net.connect hands its normalized argument list on as one array.
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as Partial<Record<string, unknown>>
    // An http agent says `path: null` where there is no socket file.
    const name = typeof path === 'string' && path !== '' ? '' : (host ?? '')
    return { host: String(name), port: String(port) }
  }
  return { host: typeof second === 'string' ? second : '', port: String(first) }
}

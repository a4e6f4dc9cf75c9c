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
  const error = new AirGapError(what)
  for (const guard of guards) guard.offences.push(error)
  throw error
}

type Patchable = Record<string, (...args: unknown[]) => unknown>

function install(): () => void {
  const undo: (() => void)[] = []
  const wrap = (owner: object, name: string, check: (args: readonly unknown[]) => void): void => {
    const holder = owner as Patchable
    const before = holder[name]
    if (before === undefined) return
    holder[name] = function patched(this: unknown, ...args: unknown[]): unknown {
      check(args)
      return before.apply(this, args)
    }
    undo.push(() => {
      holder[name] = before
    })
  }
  const lookup = (args: readonly unknown[]): void => {
    const [name] = args
    if (typeof name === 'string' && !isLoopbackName(name)) refuse(`a look-up of ${name}`)
  }
  wrap(net.Socket.prototype, 'connect', (args) => {
    const target = targetOf(args)
    if (!isLoopbackName(target.host)) refuse(`a connection to ${target.host}:${target.port}`)
  })
  const names = [
    'lookup',
    'resolve',
    'resolve4',
    'resolve6',
    'resolveAny',
    'resolveTxt',
    'resolveSrv',
  ]
  for (const name of names) {
    wrap(dns, name, lookup)
    wrap(dns.promises, name, lookup)
  }
  wrap(dgram.Socket.prototype, 'send', (args) => {
    const host = args.findLast((arg) => typeof arg === 'string' && net.isIP(arg) !== 0)
    if (typeof host === 'string' && !isLoopbackName(host)) refuse(`a datagram to ${host}`)
  })
  syncBuiltinESMExports()
  return () => {
    for (const put of undo) put()
    syncBuiltinESMExports()
  }
}

/** Where `socket.connect` goes; an empty host is this machine, a path a socket of it. */
function targetOf(args: readonly unknown[]): { host: string; port: string } {
  // net.connect hands its normalized argument list on as one array.
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: string; port?: unknown; path?: string }
    return { host: path === undefined ? (host ?? '') : '', port: String(port) }
  }
  return { host: typeof second === 'string' ? second : '', port: String(first) }
}

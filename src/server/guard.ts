/**
 * Guard: who may reach `/control` over a socket.
 *
 * Without the admin token only a caller on this machine, that names this machine and comes from no other
 * site: a web page elsewhere must not move a developer's sandbox, neither by a cross-site request nor by
 * pointing its own name at 127.0.0.1.
 *
 * @module
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import { isLoopback } from './options.js'

export interface Caller {
  /** Address of the other end of the socket. */
  readonly address: string | undefined
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly authorization: string | undefined
}

/** Why a caller may not reach control, or undefined when it may. */
export function controlRefusal(
  caller: Caller,
  { admin_token, bound_to }: { admin_token: string | undefined; bound_to: string },
): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(caller.authorization ?? '') ?? []
  if (admin_token !== undefined && token !== undefined && same(token, admin_token)) return undefined
  if (!isLoopback(bound_to)) return 'control needs the admin token on this address'
  if (caller.address === undefined || !isLoopback(caller.address)) {
    return 'control answers on loopback only, or with the admin token'
  }
  if (!isLoopback(hostname(caller.host ?? ''))) {
    return `control does not answer under the name ${(caller.host ?? '').slice(0, 100)}`
  }
  if (caller.origin !== undefined && !isLoopbackOrigin(caller.origin)) {
    return 'control does not answer to pages of other sites'
  }
  return undefined
}

const hostname = (host: string): string => host.replace(/:\d+$/, '')

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname)
}

/** Compares without telling by its time how much agrees. */
function same(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}

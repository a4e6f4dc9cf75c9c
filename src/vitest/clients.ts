/**
 * Clients: who a test's sandbox has made, so that money can be looked at as a whole.
 *
 * @module
 */

import type { Principal } from '../desk/contract.js'
import type { Sandbox, SandboxAccount } from '../sandbox.js'

const made = new WeakMap<Sandbox, SandboxAccount[]>()

/** The same sandbox, which remembers the clients it makes. */
export function remembering(sandbox: Sandbox): Sandbox {
  const accounts: SandboxAccount[] = sandbox.demo === null ? [] : [sandbox.demo]
  const remembers: Sandbox = {
    ...sandbox,
    account: (label) => {
      const account = sandbox.account(label)
      accounts.push(account)
      return account
    },
  }
  made.set(remembers, accounts)
  return remembers
}

/** Every client of a remembering sandbox, in both modes. */
export const principalsOf = (sandbox: Sandbox): Principal[] =>
  (made.get(sandbox) ?? []).flatMap(({ test, live }) => [test, live])

/** The client that a test's traders stand for: the first one made. */
export const firstAccount = (sandbox: Sandbox): SandboxAccount =>
  made.get(sandbox)?.[0] ?? sandbox.account()

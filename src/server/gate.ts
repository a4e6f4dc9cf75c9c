/**
 * Gate: what a server knows about a request's caller, asked where `/control` is matched.
 *
 * Kept beside the request and not in its headers, which a caller writes. A request that came by no socket
 * has no gate: whoever holds the sandbox in-process may control it.
 *
 * @module
 */

const gates = new WeakMap<Request, () => string | undefined>()

/** Sets the gate of a request that came by a socket; its answer is why the caller may not control. */
export function setGate(request: Request, refusal: () => string | undefined): void {
  gates.set(request, refusal)
}

/** Why a request may not reach control, or undefined when it may. */
export const refusalOf = (request: Request): string | undefined => gates.get(request)?.()

/**
 * Called path: some clients sign the path they called, prefix of the mock server included, some the path
 * as the real host would see it. Whoever mounts a venue under a prefix says in a header what was called.
 *
 * @module
 */

/** Set by the server that mounts the venue; a value sent by a client must be dropped there. */
export const CALLED_PATH_HEADER = 'x-papervenue-called-path'

/** Paths a signature may be about: as the real host sees it, and as it was called. */
export function signedPaths(
  path: string,
  headers: { get(name: string): string | null } | Readonly<Record<string, string>>,
): string[] {
  const called =
    typeof headers.get === 'function'
      ? headers.get(CALLED_PATH_HEADER)
      : ((headers as Readonly<Record<string, string>>)[CALLED_PATH_HEADER] ?? null)
  return called === null || called === path ? [path] : [path, called]
}

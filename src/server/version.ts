/**
 * Version: of the installed package.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** From the nearest `package.json` above, which is the package's own, built or not. */
export const VERSION: string = find(dirname(fileURLToPath(import.meta.url)))

function find(folder: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: string
      version?: string
    }
    if (name === 'papervenue' && version !== undefined) return version
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const above = dirname(folder)
  if (above === folder) throw new Error('the package.json of papervenue is missing')
  return find(above)
}

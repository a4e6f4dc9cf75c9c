/**
 * Embeds the generated migrations as a module, since a build copies no `.sql` files. Run it after
 * `npx drizzle-kit generate`: `npx tsx test/support/embed-migrations.ts`.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'src/store/migrations')

/** The module's text for the migrations on disk. */
export function embedded(): string {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  const entries = files.map((name) => {
    const sql = readFileSync(join(folder, name), 'utf8').trim().replace(/\t/g, '  ')
    return `  {\n    name: '${name.replace(/\.sql$/, '')}',\n    sql: \`${sql.replace(/[\\`$]/g, '\\$&')}\`,\n  },\n`
  })
  return `/**
 * Migrations: generated from \`schema.ts\` by drizzle-kit and embedded, oldest first. Not edited by hand.
 *
 * @module
 */

export interface Migration {
  readonly name: string
  readonly sql: string
}

export const migrations: readonly Migration[] = [
${entries.join('')}]
`
}

if (process.argv[1]?.endsWith('embed-migrations.ts')) {
  writeFileSync(join(root, 'src/store/migrations.ts'), embedded())
}

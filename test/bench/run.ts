/**
 * Runs every benchmark and prints its lines: `ratio <name> <value>` against a reference measured in
 * the same run, and plain figures with their unit. `npm run bench -- engine http` runs only those.
 *
 * It measures compiled code, as users run it: a loader that keeps function names makes each closure cost more.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const wanted = process.argv.slice(2)
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.bench.js'))
  .filter((name) => wanted.length === 0 || wanted.includes(name.replace('.bench.js', '')))
  .sort()

for (const file of files) {
  console.log(`# ${file}`)
  const bench = (await import(pathToFileURL(join(import.meta.dirname, file)).href)) as {
    run: (print: (line: string) => void) => Promise<void>
  }
  await bench.run((line) => console.log(line))
}
process.exit(0)

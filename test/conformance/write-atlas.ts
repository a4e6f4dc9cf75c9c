/** Writes every venue's atlas into its README. */
import { writeTable } from './atlas-table.js'
import { subjects } from './subjects.js'

for (const subject of subjects) {
  writeTable(subject)
  console.log(`${subject.venue.id}: ${subject.atlas.length} rows`)
}

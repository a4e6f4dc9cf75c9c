import { subjects } from './subjects.js'
import { conformance } from './suite.js'

for (const subject of subjects) conformance(subject)

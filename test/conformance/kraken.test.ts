import { krakenSubject } from './kraken.js'
import { conformance } from './suite.js'

conformance(krakenSubject)

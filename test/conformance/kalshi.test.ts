/** The shared suite, run on Kalshi. */
import { kalshiSubject } from './kalshi.js'
import { conformance } from './suite.js'

conformance(kalshiSubject)

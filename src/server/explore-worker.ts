/**
 * Explore worker: one thread of `papervenue explore --workers`.
 *
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads'
import { serveExplore } from '../scenario/explore-workers.js'
import { stage } from './stage.js'

if (parentPort === null) throw new Error('this module runs as a worker of an exploration.')
await serveExplore(stage, parentPort, workerData)

/**
 * Sweep worker: one thread of `papervenue run --seeds`.
 *
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads'
import { serveSweep } from '../scenario/sweep.js'
import { stage } from './stage.js'

if (parentPort === null) throw new Error('this module runs as a worker of a sweep.')
await serveSweep(stage, parentPort, workerData)

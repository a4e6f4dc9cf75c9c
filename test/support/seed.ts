/**
 * Seed: every property of a test run draws from one seed, so that the same tree gives the same verdict.
 *
 * `PAPERVENUE_SEED` sets another; a search sets a new one each time. A failure prints its seed and path.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.PAPERVENUE_SEED ?? 20_261_122) })

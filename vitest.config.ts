import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], testTimeout = 20_000) => ({
  test: {
    name,
    include,
    testTimeout,
    hookTimeout: 60_000,
    setupFiles: ['test/support/seed.ts'],
  },
})

/**
 * `types` holds compile-time expectations: `npm run types` is their check, the run here only loads them.
 * `recorded` needs the recorded data folder beside the project and is not part of `npm test`.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/regressions/**/*.test.ts']),
      project('property', ['test/property/**/*.test.ts'], 120_000),
      project('conformance', ['test/conformance/**/*.test.ts'], 60_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000),
      project('types', ['test/types/**/*.test.ts']),
      project('tidy', ['test/tidy.test.ts']),
      project('recorded', ['test/recorded/**/*.test.ts'], 120_000),
    ],
  },
})

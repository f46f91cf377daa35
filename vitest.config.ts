import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@sluice/source'] },
  ssr: { resolve: { conditions: ['@sluice/source'] } },
  test: {
    include: [
      '{engines,platform,controllers,apps}/*/{src,test}/**/*.test.{ts,tsx}',
      '{conformance,bench}/{src,test}/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    pool: 'threads',
    isolate: false,
    restoreMocks: true,
    testTimeout: 60_000,
    // A machine that is busy elsewhere may fail a test once; a broken test fails twice.
    retry: process.env['CI'] ? 1 : 0,
  },
})

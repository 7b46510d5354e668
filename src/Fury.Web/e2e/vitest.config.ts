import { defineConfig } from 'vitest/config'

// One browser and one host for all: what one test has made the next one stands on.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.e2e.ts'],
    // Their host must have a provider to sign in with.
    exclude: process.env.FURY_ISSUER ? [] : ['e2e/sign-in.e2e.ts'],
    fileParallelism: false,
    bail: 1,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    pool: 'threads',
    reporters: ['verbose'],
  },
})

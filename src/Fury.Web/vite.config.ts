import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const PACKED = /\.(js|css|html|svg)$/

// Beside each text file one that is packed already: the host sends it as it is, and never packs anything itself.
const packed = (): Plugin => ({
  name: 'packed',
  apply: 'build',
  // Of the files as they are written: what is in memory before that is not the last word yet.
  writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((file) => PACKED.test(file))) {
      writeFileSync(join(dir, `${name}.br`), brotliCompressSync(readFileSync(join(dir, name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }))
    }
  },
})

export default defineConfig({
  plugins: [react(), packed()],
  build: { outDir: 'dist', emptyOutDir: true, manifest: true, reportCompressedSize: false, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: Object.fromEntries(['/api', '/auth', '/healthz', '/metrics'].map((path) => [path, 'http://127.0.0.1:7080'])) },
  test: { environment: 'node', include: ['src/**/*.test.ts'], isolate: false, pool: 'threads', maxWorkers: 1 },
})

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { licenses } from './licenses.js';

// `npm run dev` shows the page with the data of a running `tickstockpl run` (or `dashboard`).
const dashboard = 'http://127.0.0.1:8450';

export default defineConfig({
  base: './',
  plugins: [svelte(), licenses()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    // The page's Content-Security-Policy allows neither inline scripts nor data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The chart is one chunk of its own, loaded when a symbol is first opened.
    chunkSizeWarningLimit: 200,
  },
  server: {
    proxy: {
      '/ws': { target: dashboard, ws: true, changeOrigin: true, rewriteWsOrigin: true },
      '/api': { target: dashboard, changeOrigin: true },
    },
  },
});

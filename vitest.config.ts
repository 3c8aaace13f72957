import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/folder.mjs",
    setupFiles: "test/support/properties.ts",
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } }, // pages on a machine that does other things too
    hookTimeout: 300_000, // the browser test may have to bring a browser
    // Sources are loaded as the modules that they are, by Node with tsx. Vite's own runner makes each use of an imported
    // name a look-up: a twin, all whose words are imported, takes several times as long (all of parity twice).
    experimental: { viteModuleRunner: false, nodeLoader: false },
    execArgv: ["--import", "tsx"],
    // Files share a process, and with it the library and what V8 has compiled of it; no module of it holds state.
    isolate: false,
    maxWorkers: "100%", // by default one core is left over, of two cores that is half
  },
});

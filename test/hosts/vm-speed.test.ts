/**
 * The js backend in contexts of node:vm, as Jest, vitest's vmThreads and edge hosts make them: a global that is named there is
 * looked up in the context's own object, by an interceptor, at every use. Twins name none of them in their loops.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { built } from "../support/built.js";

/**
 * Times in milliseconds, the best of 300 ms, or of up to 5 s while it is above `most`: on a busy machine V8's compilers, which
 * have threads of their own, are that late. The text of a function that each context compiles for itself.
 */
const BENCH = `async (T, now, most = {}) => {
  const engine = await T.createEngine({ backend: "js" });
  const best = (run, most = Infinity) => {
    let least = Infinity;
    const start = now();
    for (let at = start; at < start + 300 || (least > most && at < start + 5000); at = now()) {
      const from = now();
      run();
      least = Math.min(least, now() - from);
    }
    return least;
  };
  const values = (n) => Array.from({ length: n }, (_, i) => ((i * 31) % 101) / 50 - 1);
  const a = engine.tensor([48, 48], values(48 * 48));
  const c = engine.tensor([48, 48]);
  const found = { matmul: best(() => engine.matmul(a, a, { out: c }), most.matmul) };
  for (const name of ["adam", "sgd", "lamb"]) {
    const p = engine.tensor(8192, values(8192));
    p.grad.set(p.data);
    const opt = T[name]([p]);
    found[name] = best(() => opt.step(undefined, { clipNorm: 1 }), most[name]);
  }
  const s = engine.tensor([24, 24], values(576));
  s.grad.set(s.data);
  const shampoo = T.shampoo([s], { preconditionFrequency: 1 });
  found.shampoo = best(() => shampoo.step(), most.shampoo);
  const model = T.sequential(engine, [T.dense(48, 48), T.gelu(), T.layerNorm(48)], { seed: 1 });
  const labels = new Int32Array(48);
  found.layers = best(() => model.backward(T.softmaxCrossEntropy(model.forward(a), labels).grad), most.layers);
  return found;
}`;

test("takes at most four times as long in a context as outside, as modules and as one script", async () => {
  const contents = `export * from ${JSON.stringify(fileURLToPath(built("index.js")))}`;
  const script = `
    import vm from "node:vm";
    import { build } from ${JSON.stringify(import.meta.resolve("esbuild"))};
    import { realm } from ${JSON.stringify(new URL("../support/realm.mjs", import.meta.url).href)};
    const index = ${JSON.stringify(built("index.js").href)};
    const bench = ${JSON.stringify(BENCH)};
    const now = () => performance.now();
    const outside = await (0, eval)(bench)(await import(index), now);
    const most = Object.fromEntries(Object.entries(outside).map(([name, time]) => [name, 3 * time]));
    const inside = "import * as T from '" + index + "'; export const found = await (" + bench + ")(T, now, most);";
    const { found: modules } = await realm({ add: { now, most } }).run(inside);
    const stdin = { contents: ${JSON.stringify(contents)}, resolveDir: process.cwd() };
    const { outputFiles } = await build({ stdin, bundle: true, format: "iife", globalName: "T", write: false });
    const context = vm.createContext({ now, most });
    vm.runInContext(outputFiles[0].text, context);
    const one = await vm.runInContext("(" + bench + ")(T, now, most)", context);
    console.log(JSON.stringify({ outside, modules, one }));`;
  const flags = ["--experimental-vm-modules", "--no-warnings", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 60_000 });
  const { outside, modules, one } = JSON.parse(stdout) as Record<string, Record<string, number>>;
  // Measured: 0.9 to 1.5 times as long on Node 20 and 24; with the globals named in the loops 160 to 1,100 times.
  for (const [name, time] of Object.entries(outside)) {
    expect(modules[name] / time, `${name}, as modules`).toBeLessThan(4);
    expect(one[name] / time, `${name}, as one script`).toBeLessThan(4);
  }
});

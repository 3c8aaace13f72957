// An optimizer of your own, in one file: momentum with a twist. The velocity of an element is forgotten where the gradient
// points the other way, so that it does not overshoot. First the rule with its twin alone, which every backend runs; then
// the same rule with a SIMD kernel, in AssemblyScript. Both pass the library's own battery.
import asc from "assemblyscript/asc";
import { createEngine, kernelBinary, optimizer } from "thalweg";
import { battery } from "thalweg/testing";

// Every operation of a twin rounds to f32, as the kernel's do.
const { fround } = Math;

/** g = gradScale g; v = (v g < 0 ? 0 : μv) + g; θ = θ - lr v */
function restarting(n, p, g, [v], [gradScale, momentum, lr]) {
  for (let i = 0; i < n; i++) {
    const grad = fround(gradScale * g[i]);
    const kept = fround(v[i] * grad) < 0 ? 0 : fround(momentum * v[i]);
    const velocity = fround(kept + grad);
    v[i] = velocity;
    p[i] = fround(p[i] - fround(lr * velocity));
  }
}

const rule = {
  name: "restarting",
  paper: "mine, 2026",
  follows: "paper",
  hyper: { lr: 0.01, momentum: 0.9 },
  check({ lr, momentum }) {
    for (const [name, value, holds] of [
      ["lr", lr, lr >= 0],
      ["momentum", momentum, momentum >= 0 && momentum < 1],
    ]) {
      if (typeof value !== "number") throw new TypeError(`${name}: expected a number, got ${typeof value}`);
      if (!holds || !Number.isFinite(value)) throw new RangeError(`${name}: expected a rate, got ${value}`);
    }
  },
  slots: (_hyper, shape) => ({ velocity: shape }),
  averages: () => ["velocity"], // set to 0 before they become subnormal, which is slow
  prepare({ lr, momentum }, _state, _t, pass) {
    pass.kernel = "restarting";
    pass.scalars(momentum, lr); // after gradScale
  },
  kernels: { restarting },
};

// The kernel: n elements at the addresses p, g and v, then the scalars. n is rounded up to whole vectors here.
const source = `
  export function restarting(n: i32, p: usize, g: usize, v: usize, gradScale: f32, momentum: f32, lr: f32): void {
    const S = f32x4.splat(gradScale), M = f32x4.splat(momentum), A = f32x4.splat(lr), zero = f32x4.splat(0);
    for (const end = p + (<usize>n << 2); p < end; p += 16, g += 16, v += 16) {
      const grad = f32x4.mul(S, v128.load(g)), old = v128.load(v);
      const turned = f32x4.lt(f32x4.mul(old, grad), zero);
      const velocity = f32x4.add(v128.bitselect(zero, f32x4.mul(M, old), turned), grad);
      v128.store(v, velocity);
      v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(A, velocity)));
    }
  }`;

/** The binary imports its memory, which is the engine's, and has no data of its own in it. */
async function compiled(text) {
  let binary;
  const flags = "kernel.ts --outFile kernel.wasm -O3 --importMemory --runtime stub --enable simd --use abort=";
  const { error, stderr } = await asc.main(flags.split(" "), {
    readFile: (name) => (name === "kernel.ts" ? text : null),
    writeFile: (_name, contents) => (binary = contents),
    listFiles: () => [],
  });
  if (error) throw new Error(`${stderr}`);
  return binary;
}

const byTwin = optimizer(rule);
const byKernel = optimizer({ ...rule, binaries: [kernelBinary(await compiled(source))] });

const options = {
  variants: { "": {}, "no momentum": { momentum: 0 } },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.02 }, rosenbrock: { lr: 1e-3, momentum: 0.99 } },
  refuses: [
    [{ lr: -1 }, "lr: expected a rate, got -1"],
    [{ momentum: "0.9" }, "momentum: expected a number"],
  ],
};
for (const [name, factory] of Object.entries({ byTwin, byKernel })) {
  const cases = battery(factory, options);
  for (const { run } of cases) await run(); // each throws where it fails; in a test: test(name, run)
  console.log(`${name}: ${cases.length} cases passed`);
}

// A million parameters, on the same engine.
const engine = await createEngine({ simd: "strict" });
const times = [byTwin, byKernel].map((factory) => {
  const weights = engine.tensor(2 ** 20);
  weights.grad.fill(1);
  const opt = factory([weights]);
  const took = Array.from({ length: 12 }, () => {
    const start = performance.now();
    opt.step();
    return performance.now() - start;
  });
  opt.dispose();
  return Math.min(...took);
});
console.log(`the kernel is faster: ${times[1] < times[0]}`);
engine.dispose();

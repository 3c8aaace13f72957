/** Kernels in binaries of the caller's, and twins without a kernel, on wasm. */
import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { kernelBinary } from "../../src/engine/wasm/ownKernels.js";
import { adamw } from "../../src/optim/adamw.js";
import type { Rule } from "../../src/optim/core/rule.js";
import { optimizer } from "../../src/optim/core/ruleOptimizer.js";
import { sgd } from "../../src/optim/sgd.js";
import { backends, threaded } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

/** p = p - lr gradScale g, under the name of a kernel that the library has too, with other arguments. */
const rule: Rule<{ lr: number }, object> = {
  ...{ name: "plain", paper: "none", follows: "paper", hyper: { lr: 0.1 } },
  check() {},
  slots: () => ({}),
  prepare({ lr }, _s, _t, pass) {
    pass.kernel = "adamw";
    pass.scalars(lr);
  },
  kernels: {
    adamw(n, p, g, _slots, [gradScale, lr]) {
      for (let i = 0; i < n; i++) p[i] = Math.fround(p[i] - Math.fround(lr * Math.fround(gradScale * g[i])));
    },
  },
};
const SOURCE = `export function adamw(n: i32, p: usize, g: usize, gradScale: f32, lr: f32): void {
  for (const end = p + (<usize>n << 2); p < end; p += 4, g += 4) store<f32>(p, load<f32>(p) - lr * (gradScale * load<f32>(g)));
}`;

async function compiled(source: string, ...more: string[]): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const flags = "kernel.ts --outFile kernel.wasm -O3 --importMemory --runtime stub --use abort=".split(" ");
  const { error, stderr } = await asc.main([...flags, ...more], {
    readFile: (name: string) => (name === "kernel.ts" ? source : null),
    writeFile: (_: string, contents: unknown) => void (binary = contents as Uint8Array<ArrayBuffer>),
    listFiles: () => [],
  });
  if (error) throw new Error(stderr.toString());
  return binary!;
}

let bytes: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  bytes = await compiled(SOURCE);
});

/** Three steps beside the library's own AdamW and SGD on the same engine, each of which must keep its kernel. */
function run(engine: Engine, binaries: Rule<object, object>["binaries"]): Float32Array[] {
  const tensors = [1, 2, 3, 4].map((seed) => engine.tensor(1003, uniform(1003, seed)));
  const [a, b, c, d] = tensors;
  const attached = engine.attach(uniform(5, 9), { grad: uniform(5, 10) });
  const factory = optimizer(binaries ? { ...rule, binaries } : rule);
  const optimizers = [adamw([a]), factory([b, attached]), factory([c], { lr: 0.3 }), sgd([d])];
  for (let t = 0; t < 3; t++) {
    for (const [i, { grad }] of tensors.entries()) grad.set(uniform(1003, 10 * t + i));
    for (const opt of optimizers) opt.step(undefined, { gradScale: 0.5 });
  }
  return [...tensors, attached].map((tensor) => tensor.toArray());
}

describe.each([...backends, threaded(2)])("$name", (backend) => {
  it("runs them with the bits of the twin, beside kernels of the same name", async () => {
    const own = kernelBinary(bytes);
    using js = await backends[0].create();
    const want = run(js, undefined);
    using engine = await backend.create();
    for (const [way, binaries] of Object.entries({
      twin: undefined,
      bytes: [own],
      buffer: [kernelBinary(bytes.slice().buffer)],
    }))
      for (const [i, got] of run(engine, binaries).entries()) expect(difference(got, want[i]), way).toBeUndefined();
  });
});

describe("refuses, before anything changes,", () => {
  const cases: [what: string, make: () => Promise<BufferSource>, message: string][] = [
    ["what is no binary", async () => new Uint8Array(8), "bytes: expected the bytes of a WebAssembly module"],
    [
      "static data, which would overwrite parameters",
      () => compiled(`const table: StaticArray<f32> = [1, 2, 3];\n${SOURCE.replace("lr *", "lr * table[n % 3] *")}`),
      "bytes: expected kernels without static data",
    ],
    [
      "a start function",
      () => compiled(`let x: i32 = 0; @external("env", "f") declare function f(): i32; x = f();\n${SOURCE}`),
      "bytes: expected kernels without a start function",
    ],
  ];
  it.each(cases)("%s", async (_, make, message) => {
    const given = await make();
    expect(() => kernelBinary(given)).toThrow(message);
  });

  it("a binary without the kernel", async () => {
    using engine = await backends[1].create();
    const x = engine.tensor(3, [1, 2, 3]);
    x.grad.fill(1);
    const binary = kernelBinary(await compiled(SOURCE.replace("adamw", "other")));
    const opt = optimizer({ ...rule, binaries: [binary] })([x]);
    expect(() => opt.step()).toThrow("the binary exports no kernel adamw()");
    expect([...x.data]).toEqual([1, 2, 3]);
    expect(opt.stepCount).toBe(0);
  });
});

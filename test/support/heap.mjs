// Trains 10,000 steps in a process of its own and prints what a step left behind. Arguments: the built package, "js" or
// "wasm", "heap" (bytes of heap a step, without a collection in between) or "arrays" (typed arrays and allocations), and
// "clip" or "cosine" for steps that clip by the norm or follow a schedule.
const [entry, backend, what, extra] = process.argv.slice(2);

const made = { arrays: 0, allocations: 0 };
if (what === "arrays") {
  // Before the library is loaded, so that every one of its arrays goes through here.
  for (const name of ["Float32Array", "Float64Array", "Int32Array", "Uint8Array"]) {
    const Original = globalThis[name];
    globalThis[name] = new Proxy(Original, {
      construct(target, args, self) {
        made.arrays++;
        return Reflect.construct(target, args, self);
      },
    });
  }
  const { prototype } = Object.getPrototypeOf(Float32Array);
  for (const name of ["subarray", "slice", "map"]) {
    const original = prototype[name];
    prototype[name] = function (...args) {
      made.arrays++;
      return original.apply(this, args);
    };
  }
}

const { adamw, createEngine, dense, relu, schedules, sequential, softmaxCrossEntropy, train } = await import(entry);
const engine = await createEngine(backend === "js" ? { backend } : { backend, simd: "strict" });
const allocate = engine.implementation.allocate;
engine.implementation.allocate = (length) => {
  made.allocations++;
  return allocate.call(engine.implementation, length);
};

const rows = 3306;
const data = {
  x: Array.from({ length: rows }, (_, i) => [(i % 5) - 2, ((i * 7) % 11) / 5 - 1, (i % 3) - 1]),
  y: Int32Array.from({ length: rows }, (_, i) => i % 2),
};
const model = sequential(engine, [dense(3, 8), relu(), dense(8, 2)], { seed: 3 });
const lr = extra === "cosine" ? schedules.cosine(0.001, { steps: 100_000 }) : 0.001;
const optimizer = adamw(model.parameters(), { lr });

// 413 batches of 8 and one of 2, an epoch of 414 steps. Windows of 10,000 steps follow one another: the first hold what the
// compilers of V8 leave while they are at it, some 700 kB in all.
const WINDOW = 10_000;
const WINDOWS = what === "arrays" ? 2 : 8; // arrays are counted, of the first window the making of buffers
const looks = [];
await train(model, data, {
  optimizer,
  loss: softmaxCrossEntropy,
  epochs: Math.ceil((WINDOW * WINDOWS + 1) / 414),
  batchSize: 8,
  seed: 1,
  ...(extra === "clip" && { clipNorm: 1 }),
  onStep({ step }) {
    if (step % WINDOW !== 1) return;
    if (step === 1 + WINDOW) globalThis.gc();
    looks.push({ heap: process.memoryUsage().heapUsed, bytes: engine.bytesInUse, ...made });
  },
});
const windows = looks.slice(1).map((look, i) => ({
  heap: (look.heap - looks[i].heap) / WINDOW,
  bytes: look.bytes - looks[i].bytes,
  arrays: look.arrays - looks[i].arrays,
  allocations: look.allocations - looks[i].allocations,
}));
console.log(JSON.stringify(windows));

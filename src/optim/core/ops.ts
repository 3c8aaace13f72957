import type { EngineCore } from "../../engine/core.js";
import type { Ops } from "./rule.js";

/** The shared kernels of an engine, on tensors, for rules that need more than one pass. */
export function opsOf(engine: EngineCore): Ops {
  const { kernels } = engine;
  return {
    norm: (x) => Math.sqrt(kernels.dot(x.size, x.ref, x.ref)),
    dot: (x, y) => kernels.dot(x.size, x.ref, y.ref),
    sum: (x) => kernels.sum(x.size, x.ref),
    sumAbs: (x) => kernels.sumAbs(x.size, x.ref),
    maxAbs: (x) => kernels.maxAbs(x.size, x.ref),
    axpy: (s, x, y) => kernels.axpy(x.place.length, x.ref, y.ref, s),
    scale: (x, s) => kernels.scale(x.place.length, x.ref, s),
    fill: (x, value) => kernels.fill(x.place.length, x.ref, value),
    copy: (x, y) => kernels.copy(x.place.length, x.ref, y.ref),
    matmul(a, b, c, { transposeA = false, transposeB = false, accumulate = false } = {}) {
      const [m, n] = c.shape as [number, number];
      const k = a.shape[transposeA ? 0 : 1];
      engine.product(transposeA, transposeB, m, n, k, a.ref, b.ref, c.ref, accumulate);
    },
  };
}

/** For each kernel of abi.json the twin that defines it, called with arrays in the places of addresses. */

import type { Twin } from "../../src/engine/backend.js";
import { extraTwins } from "../../src/engine/extraKernels.js";
import { twins as commonTwins } from "../../src/engine/js/twins.js";
import { adafactorRows } from "../../src/optim/adafactor/rows.js";
import { sm3RowKernels } from "../../src/optim/sm3/rows.js";
import { optimizers } from "../../src/optim/table.js";
import { abi, type Call, type Numbers } from "./abi.js";
import { linalgKernels } from "./linalgKernels.js";
import { nnKernels } from "./nnKernels.js";

type AnyTwin = (...args: (number | Numbers)[]) => number | undefined;

const plain = {
  ...commonTwins,
  ...extraTwins,
  ...nnKernels,
  ...linalgKernels,
  ...adafactorRows,
  ...sm3RowKernels,
} as unknown as Record<string, AnyTwin>;
const updates: Record<string, Twin> = Object.assign({}, ...Object.values(optimizers).map(({ rule }) => rule.kernels));

/** Runs the twin of a call; returns its result and the arrays after it. */
export function runTwin({ kernel, given, arrays }: Call): { result: number | undefined; after: Call["arrays"] } {
  const after = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
  const { arguments: list, kind } = abi.kernels[kernel];
  if (kernel === "gemm") return { result: product(given, after), after };
  if (kind !== "update") {
    const result = plain[kernel](...list.map(({ name }) => after[name] ?? given[name]));
    return { result, after };
  }
  const [p, g, ...slots] = Object.values(after) as Float32Array[];
  const scalars = Float32Array.from(list.flatMap(({ name, role }) => (role === "scalar" ? [given[name]] : [])));
  updates[kernel](given.n, p, g, slots, scalars);
  return { result: undefined, after };
}

/** The product as its definition: each element one running sum from +0 in the order of k, rounded after every operation. */
function product(given: Record<string, number>, { a, b, c }: Record<string, Numbers>): undefined {
  const { transA, transB, m, n, k, strideA, strideB, strideC, accumulate } = given;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < k; t++) {
        const x = a[transA ? t * strideA + i : i * strideA + t];
        const y = b[transB ? j * strideB + t : t * strideB + j];
        sum = Math.fround(sum + Math.fround(x * y));
      }
      const at = i * strideC + j;
      c[at] = accumulate ? Math.fround(c[at] + sum) : sum;
    }
  }
}

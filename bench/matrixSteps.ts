/**
 * How much of a step of Muon on a matrix 512 × 512 is its 15 products at the speed that the product has alone: rounds of
 * both within the same second, and the median of the ratios round by round.
 *
 *   npx tsx bench/matrixSteps.ts
 */
import { createEngine, muon } from "../src/index.js";
import { median } from "./harness.js";

const SIDE = 512;
const PRODUCTS = 15;
const ROUNDS = 15;

for (const threads of [1, 2]) {
  using engine = await createEngine({ threads });
  const data = (seed: number) => Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(seed + i * i));
  const p = engine.tensor([SIDE, SIDE], data(1));
  p.grad.set(data(2));
  const [a, b, c] = [3, 4, 5].map((seed) => engine.tensor([SIDE, SIDE], data(seed)));
  const opt = muon([p], { lr: 1e-3 });
  const timed = (work: () => void): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const products = () => {
    for (let i = 0; i < PRODUCTS; i++) engine.matmul(a!, b!, { out: c! });
  };
  const step = () => void opt.step();
  for (let i = 0; i < 5; i++) {
    products();
    step();
  }
  const [alone, whole, shares]: number[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const [before, own, after] = [timed(products), timed(step), timed(products)];
    alone!.push((before + after) / 2);
    whole!.push(own);
    shares!.push((before + after) / 2 / own);
  }
  const rate = (2 * PRODUCTS * SIDE ** 3) / median(alone!) / 1e6;
  console.log(
    `Node ${process.version}, ${engine.simd}, ${engine.threads} threads: a step ${median(whole!).toFixed(1)} ms, ` +
      `15 products alone ${median(alone!).toFixed(1)} ms (${rate.toFixed(1)} GFLOP/s), share ${(100 * median(shares!)).toFixed(0)} %`,
  );
}

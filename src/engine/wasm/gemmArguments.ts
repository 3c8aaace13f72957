/** The arguments of gemm (assembly/gemm/gemm.ts) in the array that `call` takes: what stands where. */
import type { Product } from "../backend.js";

/** Places in the order of the kernel's parameters. */
export const AT = {
  tile: 0,
  transA: 1,
  transB: 2,
  m: 3,
  n: 4,
  k: 5,
  a: 6,
  strideA: 7,
  b: 8,
  strideB: 9,
  c: 10,
  strideC: 11,
  accumulate: 12,
  work: 13,
} as const;

export const GEMM_ARITY = 14;

/** Fills in all but the working memory, which depends on the blocks that the product is cut into. */
export function setProduct(x: Float64Array, tile: number, product: Product, a: number, b: number, c: number): void {
  const { transA, transB, m, n, k, accumulate } = product;
  x[AT.tile] = tile;
  x[AT.transA] = transA ? 1 : 0;
  x[AT.transB] = transB ? 1 : 0;
  x[AT.m] = m;
  x[AT.n] = n;
  x[AT.k] = k;
  x[AT.a] = a;
  x[AT.strideA] = transA ? m : k;
  x[AT.b] = b;
  x[AT.strideB] = transB ? k : n;
  x[AT.c] = c;
  x[AT.strideC] = n;
  x[AT.accumulate] = accumulate ? 1 : 0;
}

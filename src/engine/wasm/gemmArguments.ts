/**
 * The places of gemm's arguments (assembly/gemm/gemm.ts) in the array that `call` takes; import them as AT. Constants of the
 * module and not of an object, because a bundler writes the numbers in their place (0.2 kB less, gzipped).
 */
import type { Product } from "../backend.js";

export const TILE = 0;
export const TRANS_A = 1;
export const TRANS_B = 2;
export const M = 3;
export const N = 4;
export const K = 5;
export const A = 6;
export const STRIDE_A = 7;
export const B = 8;
export const STRIDE_B = 9;
export const C = 10;
export const STRIDE_C = 11;
export const ACCUMULATE = 12;
export const WORK = 13;
export const ARITY = 14;

/** Fills in all but the working memory, which depends on the blocks that the product is cut into. */
export function setProduct(x: Float64Array, tile: number, product: Product, a: number, b: number, c: number): void {
  const { transA, transB, m, n, k, accumulate } = product;
  x[TILE] = tile;
  x[TRANS_A] = transA ? 1 : 0;
  x[TRANS_B] = transB ? 1 : 0;
  x[M] = m;
  x[N] = n;
  x[K] = k;
  x[A] = a;
  x[STRIDE_A] = transA ? m : k;
  x[B] = b;
  x[STRIDE_B] = transB ? k : n;
  x[C] = c;
  x[STRIDE_C] = n;
  x[ACCUMULATE] = accumulate ? 1 : 0;
}

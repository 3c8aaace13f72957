/** The arguments of gemm (assembly/gemm/gemm.ts), by their places in the list that it is called with. */
export const GEMM = {
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

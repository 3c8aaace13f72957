/**
 * The arrays of kernels that are not element-wise: their lengths and what is done to them, which the signatures do not say.
 * test/abi holds every line to the binary: a write beyond an array, or to one that is only read, fails it.
 *
 * One array a part: `name element[length] access`, with `padded` after it where a kernel goes to the end of a vector.
 */
export const ARRAYS: Readonly<Record<string, string>> = {
  copy: "x f32[n] in; y f32[n] out",
  dot: "x f32[n] in; y f32[n] in",
  sum: "x f32[n] in",
  sumAbs: "x f32[n] in",
  maxAbs: "x f32[n] in",
  addRow: "x f32[columns] in; y f32[rows * columns] inout",
  addRowSums: "x f32[rows * columns] in; sums f32[columns] inout",
  mulRow: "x f32[columns] in; y f32[rows * columns] inout",
  columnNorms: "x f32[rows * columns] in; norms f32[columns] out",
  gatherRows: "x f32[rows * columns] in; order i32[rows] in; y f32[rows * columns] out",
  copyColumns: "x f32[rows * xWidth] in; y f32[rows * yWidth] inout",

  addRowRelu: "x f32[columns] in; y f32[rows * columns] inout",
  reluBackwardRowSums: "y f32[rows * columns] in; d f32[rows * columns] inout; sums f32[columns] inout",
  layerNorm:
    "x f32[rows * width] in; w f32[width] in; b f32[width] in; y f32[rows * width] out; stats f32[2 * rows] out",
  layerNormBackward:
    "x f32[rows * width] in; w f32[width] in; stats f32[2 * rows] in; dy f32[rows * width] in; dx f32[rows * width] out; " +
    "dw f32[width] inout; db f32[width] inout; work f32[3 * width] scratch",
  softmaxCrossEntropy:
    "x f32[rows * columns] in; labels i32[rows] in; d f32[rows * columns] out padded; losses f32[rows] out padded",
  softmaxCrossEntropyRows:
    "x f32[rows * columns] in; t f32[rows * columns] in; d f32[rows * columns] out padded; losses f32[rows] out padded",
  classTargets: "labels i32[rows] in; weights f32[columns] in; q f32[rows * columns] out",
  rowTargets: "t f32[rows * columns] in; weights f32[columns] in; q f32[rows * columns] out",

  cholesky: "a f64[n * n] inout",
  choleskySolve: "u f64[n * n] in; b f64[n * m] inout",
  invert: "a f64[n * n] inout; inverse f64[n * n] out",
  eigen: "a f64[n * n] consumed; values f64[n] out; vectors f64[n * n] out",
  gramMode: "g f32[before * n * after] in; work f64[before * after * 4 * ceil(n / 4)] scratch; c f64[n * n] inout",
  gramRows: "factors f64[rows] in; x f64[rows * n] in; work f64[rows * 4 * ceil(n / 4)] scratch; c f64[n * n] out",
  squaresMode: "g f32[before * n * after] in; c f64[n] inout",
  scaleMode: "factors f32[n] in; x f32[before * n * after] inout",
  adagradSquare: "g f32[n] in; s f64[n] inout",
  roundDoubles: "x f64[n] in; y f32[n] out",
  symmetricTimes: "a f64[n * n] in; x f32[n] in; work f64[n] scratch; y f32[n] out",
  orthonormal: "a f64[n * n] consumed; q f64[n * n] out; work f64[2 * n] scratch",
  multiplySquare: "a f64[n * n] in; b f64[n * n] in; c f64[n * n] out",

  factoredSums: "g f32[rows * columns] in; rowSums f32[rows] out; columnSums f32[columns] out",
  factoredMeans: "sums f32[n] in; variance f32[n] inout",
  factoredRoots: "variance f32[n] in; roots f32[n] out",
  factoredSquares:
    "g f32[rows * columns] in; rowRoots f32[rows] in; columnRoots f32[columns] in; squares f32[rows] out; scalars f32[5] in",
  factoredStep:
    "p f32[rows * columns] inout; g f32[rows * columns] in; rowRoots f32[rows] in; columnRoots f32[columns] in; " +
    "scalars f32[5] in",
  factoredMomentum:
    "p f32[rows * columns] inout; g f32[rows * columns] in; m f32[rows * columns] inout; rowRoots f32[rows] in; " +
    "columnRoots f32[columns] in; scalars f32[5] in",
  sm3Rows:
    "p f32[rows * columns] inout; g f32[rows * columns] in; m f32[rows * columns] inout; rowCover f32[rows] inout; " +
    "columnCover f32[columns] in; newCover f32[columns] out",

  gemm:
    "a f32[transA ? (k - 1) * strideA + m : (m - 1) * strideA + k] in; " +
    "b f32[transB ? (n - 1) * strideB + k : (k - 1) * strideB + n] in; c f32[(m - 1) * strideC + n] inout; " +
    "work u8[gemmBytes(m, n, k, accumulate)] scratch",
};

/** Where counts must be multiples. */
export const MULTIPLES: Readonly<Record<string, Record<string, number>>> = {
  addRowRelu: { columns: 16 },
  reluBackwardRowSums: { columns: 16 },
};

/** What the numbers in an array of i32 are below. */
export const BELOW: Readonly<Record<string, Record<string, string>>> = {
  gatherRows: { order: "rows" },
  softmaxCrossEntropy: { labels: "columns" },
  classTargets: { labels: "columns" },
};

/** What an array needs to have said of it. */
export const NOTES: Readonly<Record<string, Record<string, string>>> = {
  gatherRows: {
    x: "or more rows, or fewer",
    order: "numbers of rows of x, from 0: below as many as x has",
  },
  softmaxCrossEntropy: { labels: "numbers of columns, from 0" },
  classTargets: { labels: "numbers of columns, from 0" },
  eigen: { a: "its lower triangle is read", vectors: "one a row" },
  cholesky: { a: "its upper triangle is read, and becomes U; the lower one stays" },
  choleskySolve: { u: "the upper triangle, from cholesky" },
  invert: { a: "its upper triangle becomes U" },
  gramMode: { c: "not read where decay is 0" },
  copyColumns: { y: "other columns stay" },
  factoredSquares: { scalars: "gradScale, limit, decayFactor, stepSize, momentum" },
  factoredStep: { scalars: "gradScale, limit, decayFactor, stepSize, momentum" },
  factoredMomentum: { scalars: "gradScale, limit, decayFactor, stepSize, momentum" },
  sm3Rows: { m: "0 for no momentum" },
  gemm: { c: "read where accumulate is 1; columns beyond n of a row stay" },
  dropout: { y: "may be x" },
};

/** Numbers that choose and are no size, with what they may be where that is a few numbers or a range. */
export const CHOICES: Readonly<Record<string, string[]>> = {
  first: [],
  key0: [],
  key1: [],
  tile: ["4", "6"],
  transA: ["0", "1"],
  transB: ["0", "1"],
  accumulate: ["0", "1"],
  xAt: ["0", "xWidth - count"],
  yAt: ["0", "yWidth - count"],
};

/** What a size is at least, where that depends on others. */
export const LEAST: Readonly<Record<string, Record<string, string>>> = {
  copyColumns: { xWidth: "count", yWidth: "count" },
  gemm: { strideA: "transA ? m : k", strideB: "transB ? k : n", strideC: "n" },
};

/** What a kernel returns. */
export const RESULTS: Readonly<Record<string, string>> = {
  variant: "0 for strict, 1 for relaxed",
  gemmBytes: "bytes of working memory",
  alloc: "the address, a multiple of 16; unsigned",
  dot: "the sum",
  sum: "the sum",
  sumAbs: "the sum",
  maxAbs: "the largest, or NaN",
  cholesky: "1, or 0 unless A is positive definite",
  invert: "1, or 0 unless A is positive definite",
  eigen: "1, or 0 for a matrix that is not finite or whose iteration does not end",
  orthonormal: "1, or 0 for a matrix that is not finite",
  adagradSquare: "the sum of g² / s",
};

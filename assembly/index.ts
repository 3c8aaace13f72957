// The export list of the kernels, and nothing more. Two builds come from it, strict and relaxed (asconfig.json).

/** Which build this is: 0 strict (the same bits on every host), 1 relaxed (fused multiply-add in products). */
export function variant(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0;
}

export { relu, reluBackward, sigmoid, sigmoidBackward, tanh, tanhBackward } from "./activation";
export { gemm, gemmBytes } from "./gemm/gemm";
export { softmaxCrossEntropy, softmaxCrossEntropyRows } from "./loss";
export { alloc, free } from "./memory";
export { adam, adamAmsgrad } from "./optim/adam";
export { adamw, adamwAmsgrad } from "./optim/adamw";
// One line an optimizer.
export { dadaptAdam, dadaptAdamMoments } from "./optim/dadaptAdam";
export { dadaptSgd, dadaptSgdSum } from "./optim/dadaptSgd";
export { prodigy, prodigyMoments } from "./optim/prodigy";
export { scheduleFreeAdamw } from "./optim/scheduleFreeAdamw";
export { scheduleFreeRadam, scheduleFreeRadamEarly } from "./optim/scheduleFreeRadam";
export { scheduleFreeSgd } from "./optim/scheduleFreeSgd";
export { sgd, sgdMomentum, sgdNesterov } from "./optim/sgd";
export { yellowfin, yellowfinMean } from "./optim/yellowfin";
export { dot, sum, sumAbs } from "./reduce";
export { addRow, addRowSums, gatherRows } from "./rows";
// What optimizers, layers and losses share.
export { axpy, copy, fill, flush, scale, subtract } from "./vector";

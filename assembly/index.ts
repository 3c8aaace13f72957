// The list of exported kernels, and nothing more. It has two builds, strict and relaxed (asconfig.json), each of which
// also exists for memory that threads share (src/engine/threads/sharedBuild.ts).

/** The build: 0 for strict (the same bits on every host), 1 for relaxed (fused multiply-add in matrix products). */
export function variant(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0;
}

// Kernels that some share.
export {
  axpySquare,
  clamp,
  clipRatios,
  columnNorms,
  copyColumns,
  gatherRows,
  lerp,
  mulRow,
  multiply,
  subtract,
  swap,
} from "./extra";
export { gemm, gemmBytes } from "./gemm/gemm";
// Linear algebra in f64.
export { cholesky, choleskySolve, invert } from "./linalg/cholesky";
export { eigen } from "./linalg/eigen";
export { gramMode, gramRows } from "./linalg/gram";
export { adagradSquare, roundDoubles, scaleMode, squaresMode, symmetricTimes } from "./linalg/modes";
export { multiplySquare, orthonormal } from "./linalg/qr";
export { alloc, free } from "./memory";
// Kernels of layers and losses.
export {
  addRowRelu,
  elu,
  eluBackward,
  leakyRelu,
  leakyReluBackward,
  relu,
  reluBackward,
  reluBackwardRowSums,
  sigmoid,
  sigmoidBackward,
  tanh,
  tanhBackward,
} from "./nn/activation";
export { dropout } from "./nn/dropout";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits, huber, l1 } from "./nn/elementwiseLoss";
export { layerNorm, layerNormBackward } from "./nn/layerNorm";
export { classTargets, rowTargets, softmaxCrossEntropy, softmaxCrossEntropyRows } from "./nn/loss";
export {
  gelu,
  geluBackward,
  geluTanh,
  geluTanhBackward,
  mish,
  mishBackward,
  silu,
  siluBackward,
  softplus,
  softplusBackward,
} from "./nn/smoothActivation";
// One line per optimizer.
export { adabelief, adabeliefAmsgrad } from "./optim/adabelief";
export { adadelta } from "./optim/adadelta";
export { adafactor, adafactorDirection, adafactorMomentum } from "./optim/adafactor";
// Kernels over matrices, of optimizers with a second moment for each row and column.
export {
  factoredMeans,
  factoredMomentum,
  factoredRoots,
  factoredSquares,
  factoredStep,
  factoredSums,
} from "./optim/adafactor/rows";
export { adagrad } from "./optim/adagrad";
export { adam, adamAmsgrad } from "./optim/adam";
export { adamax } from "./optim/adamax";
export { adamp, adampDirection, adampProducts, adampProject } from "./optim/adamp";
export { adamw, adamwAmsgrad } from "./optim/adamw";
export { adan } from "./optim/adan";
export { ademamix } from "./optim/ademamix";
export { adopt, adoptFirst } from "./optim/adopt";
export { aggmo1, aggmo2, aggmo3, aggmo4, aggmo5 } from "./optim/aggmo";
export { amsgrad } from "./optim/amsgrad";
export { asgd, asgdAverage, asgdSwap } from "./optim/asgd";
export { dadaptAdam, dadaptAdamMoments } from "./optim/dadaptAdam";
export { dadaptSgd, dadaptSgdSum } from "./optim/dadaptSgd";
export { demonAdam } from "./optim/demonAdam";
export { demonSgd } from "./optim/demonSgd";
export { fromage } from "./optim/fromage";
export { lamb, lambDirection } from "./optim/lamb";
export { laprop } from "./optim/laprop";
export { larc, larcMomentum } from "./optim/larc";
export { lars, larsMomentum } from "./optim/lars";
export { lbfgsMove, lbfgsPair, lbfgsStart } from "./optim/lbfgs";
export { lion } from "./optim/lion";
export { madgrad } from "./optim/madgrad";
export { mars, marsCorrect } from "./optim/mars";
export { momentum, momentumNesterov } from "./optim/momentum";
export { muon, muonDirection } from "./optim/muon";
export { nadam } from "./optim/nadam";
export { nadamw } from "./optim/nadamw";
export { nag, nagAhead } from "./optim/nag";
export { novograd } from "./optim/novograd";
export { prodigy, prodigyMoments } from "./optim/prodigy";
export { qhadam } from "./optim/qhadam";
export { qhm } from "./optim/qhm";
export { radam, radamEarly } from "./optim/radam";
export { rmsprop, rmspropCentered, rmspropCenteredMomentum, rmspropMomentum } from "./optim/rmsprop";
export { rprop } from "./optim/rprop";
export { scheduleFreeAdamw } from "./optim/scheduleFreeAdamw";
export { scheduleFreeRadam, scheduleFreeRadamEarly } from "./optim/scheduleFreeRadam";
export { scheduleFreeSgd } from "./optim/scheduleFreeSgd";
export { sgd, sgdMomentum, sgdNesterov } from "./optim/sgd";
export { sgdp, sgdpDirection, sgdpProducts, sgdpProject } from "./optim/sgdp";
export { sgdw, sgdwMomentum, sgdwNesterov } from "./optim/sgdw";
export { shampoo } from "./optim/shampoo";
export { signsgd, signsgdMomentum } from "./optim/signsgd";
export { sm3, sm3Momentum } from "./optim/sm3";
export { sm3Rows } from "./optim/sm3/rows";
export { soap } from "./optim/soap";
export { sophiaG } from "./optim/sophiaG";
export { sophiaH } from "./optim/sophiaH";
export { tiger } from "./optim/tiger";
export { yellowfin, yellowfinMean } from "./optim/yellowfin";
export { yogi } from "./optim/yogi";
// Kernels that all parts share.
export { dot, maxAbs, sum, sumAbs } from "./reduce";
export { addRow, addRowSums } from "./rows";
export { axpy, copy, fill, flush, scale } from "./vector";

/**
 * The accessors of hyperparameters in a working optimizer's groups: reading one gives its present value, writing takes a number
 * or a schedule. TypeScript has no mapped type of accessors that read and write different types, so each numeric
 * hyperparameter of a rule has its line here (a test compares); another name, of a rule of your own, takes its plain value.
 */
import type { Schedule } from "../../schedule/schedule.js";

/** A hyperparameter as a caller gives it: every number may be a schedule, in pairs too. */
export type ScheduledValue<V> = [V] extends [number | null]
  ? V | Schedule
  : V extends readonly number[]
    ? ScheduledEach<V>
    : V;
/** A separate type, because a mapped type keeps a pair a pair only over a type parameter. */
type ScheduledEach<T extends readonly number[]> = { [I in keyof T]: number | Schedule };
/** What is read may be written, also where `V` is not known (TypeScript before 5.1 asks for it). */
type Given<V> = V | ScheduledValue<V>;

/** An accessor for each numeric hyperparameter. */
// biome-ignore format: a table
export interface Accessors<V> {
  alpha: { get alpha(): V; set alpha(value: Given<V>) };
  beta: { get beta(): V; set beta(value: Given<V>) };
  beta2: { get beta2(): V; set beta2(value: Given<V>) };
  beta2Decay: { get beta2Decay(): V; set beta2Decay(value: Given<V>) };
  beta3: { get beta3(): V; set beta3(value: Given<V>) };
  betas: { get betas(): V; set betas(value: Given<V>) };
  betas1d: { get betas1d(): V; set betas1d(value: Given<V>) };
  clip: { get clip(): V; set clip(value: Given<V>) };
  clipExp: { get clipExp(): V; set clipExp(value: Given<V>) };
  d: { get d(): V; set d(value: Given<V>) };
  d0: { get d0(): V; set d0(value: Given<V>) };
  dCoef: { get dCoef(): V; set dCoef(value: Given<V>) };
  dampening: { get dampening(): V; set dampening(value: Given<V>) };
  damping: { get damping(): V; set damping(value: Given<V>) };
  delta: { get delta(): V; set delta(value: Given<V>) };
  eps: { get eps(): V; set eps(value: Given<V>) };
  epsSquare: { get epsSquare(): V; set epsSquare(value: Given<V>) };
  etas: { get etas(): V; set etas(value: Given<V>) };
  gamma: { get gamma(): V; set gamma(value: Given<V>) };
  growthRate: { get growthRate(): V; set growthRate(value: Given<V>) };
  historySize: { get historySize(): V; set historySize(value: Given<V>) };
  initialAccumulatorValue: { get initialAccumulatorValue(): V; set initialAccumulatorValue(value: Given<V>) };
  initialMoment: { get initialMoment(): V; set initialMoment(value: Given<V>) };
  klClip: { get klClip(): V; set klClip(value: Given<V>) };
  lambd: { get lambd(): V; set lambd(value: Given<V>) };
  lr: { get lr(): V; set lr(value: Given<V>) };
  lr1dFactor: { get lr1dFactor(): V; set lr1dFactor(value: Given<V>) };
  lrDecay: { get lrDecay(): V; set lrDecay(value: Given<V>) };
  lrFactor: { get lrFactor(): V; set lrFactor(value: Given<V>) };
  maxEval: { get maxEval(): V; set maxEval(value: Given<V>) };
  maxIter: { get maxIter(): V; set maxIter(value: Given<V>) };
  maxPreconditionerDim: { get maxPreconditionerDim(): V; set maxPreconditionerDim(value: Given<V>) };
  minNorm: { get minNorm(): V; set minNorm(value: Given<V>) };
  momentum: { get momentum(): V; set momentum(value: Given<V>) };
  momentumDecay: { get momentumDecay(): V; set momentumDecay(value: Given<V>) };
  nsCoefficients: { get nsCoefficients(): V; set nsCoefficients(value: Given<V>) };
  nsSteps: { get nsSteps(): V; set nsSteps(value: Given<V>) };
  nu: { get nu(): V; set nu(value: Given<V>) };
  nus: { get nus(): V; set nus(value: Given<V>) };
  preconditionFrequency: { get preconditionFrequency(): V; set preconditionFrequency(value: Given<V>) };
  preconditionWarmup: { get preconditionWarmup(): V; set preconditionWarmup(value: Given<V>) };
  r: { get r(): V; set r(value: Given<V>) };
  rho: { get rho(): V; set rho(value: Given<V>) };
  seed: { get seed(): V; set seed(value: Given<V>) };
  shampooBeta: { get shampooBeta(): V; set shampooBeta(value: Given<V>) };
  statDecay: { get statDecay(): V; set statDecay(value: Given<V>) };
  stepSizes: { get stepSizes(): V; set stepSizes(value: Given<V>) };
  t0: { get t0(): V; set t0(value: Given<V>) };
  threshold: { get threshold(): V; set threshold(value: Given<V>) };
  toleranceChange: { get toleranceChange(): V; set toleranceChange(value: Given<V>) };
  toleranceGrad: { get toleranceGrad(): V; set toleranceGrad(value: Given<V>) };
  totalSteps: { get totalSteps(): V; set totalSteps(value: Given<V>) };
  trustCoefficient: { get trustCoefficient(): V; set trustCoefficient(value: Given<V>) };
  warmupSteps: { get warmupSteps(): V; set warmupSteps(value: Given<V>) };
  wdRatio: { get wdRatio(): V; set wdRatio(value: Given<V>) };
  weightDecay: { get weightDecay(): V; set weightDecay(value: Given<V>) };
  weightLrPower: { get weightLrPower(): V; set weightLrPower(value: Given<V>) };
  window: { get window(): V; set window(value: Given<V>) };
}

type Numeric<H> = keyof H & keyof Accessors<number>;
type AllOf<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer A) => void ? A : never;

/** Hyperparameters to read and to set; those of any rule (`any`, `Record<string, …>`) are as they are. */
export type Settable<H> = string extends keyof H
  ? H
  : Omit<H, Numeric<H>> & AllOf<{ [K in Numeric<H>]: Accessors<H[K]>[K] }[Numeric<H>]>;

/** Words of other libraries and of everyday speech for options and their values here, for suggestions. */

/** Options without their dashes; - and _ count as the same. */
const OPTIONS: Readonly<Record<string, string>> = {
  learningrate: "lr",
  alpha: "lr",
  eta: "lr",
  stepsize: "lr",
  wd: "weight-decay",
  l2: "weight-decay",
  decay: "weight-decay",
  batchsize: "batch",
  bs: "batch",
  minibatch: "batch",
  epoch: "epochs",
  numepochs: "epochs",
  nepochs: "epochs",
  maxepochs: "epochs",
  maxiter: "epochs",
  iterations: "epochs",
  optim: "optimizer",
  optimiser: "optimizer",
  opt: "optimizer",
  solver: "optimizer",
  scheduler: "schedule",
  lrscheduler: "schedule",
  lrschedule: "schedule",
  warmupsteps: "warmup",
  warmupratio: "warmup",
  gradclip: "clip",
  clipnorm: "clip",
  clipgradnorm: "clip",
  gradclipnorm: "clip",
  maxgradnorm: "clip",
  maxnorm: "clip",
  act: "activation",
  nonlinearity: "activation",
  layers: "hidden",
  units: "hidden",
  hiddensize: "hidden",
  hiddenunits: "hidden",
  hiddenlayers: "hidden",
  hiddenlayersizes: "hidden",
  smoothing: "label-smoothing",
  drop: "dropout",
  dropoutrate: "dropout",
  polyak: "ema",
  emadecay: "ema",
  patience: "early-stop",
  earlystopping: "early-stop",
  niternochange: "early-stop",
  valsplit: "validation",
  validationsplit: "validation",
  validationfraction: "validation",
  val: "validation",
  valid: "validation",
  testdata: "test",
  testset: "test",
  testfile: "test",
  label: "target",
  labels: "target",
  response: "target",
  y: "target",
  randomstate: "seed",
  randomseed: "seed",
  manualseed: "seed",
  checkpoint: "save",
  model: "save",
  output: "out",
  load: "resume",
  continue: "resume",
  restore: "resume",
  device: "backend",
  workers: "threads",
  numworkers: "threads",
  njobs: "threads",
  numthreads: "threads",
  separator: "delimiter",
  sep: "delimiter",
  dropcolumns: "ignore",
  exclude: "ignore",
  classweight: "class-weights",
  debug: "verbose",
};

/** Values, in small letters and without - and _. */
const VALUES: Readonly<Record<string, string>> = {
  swish: "silu",
  logistic: "sigmoid",
  cosineannealing: "cosine",
  cosineannealinglr: "cosine",
  cosinedecay: "cosine",
  cosineannealingwarmrestarts: "cosineRestarts",
  onecyclelr: "oneCycle",
  steplr: "step",
  exponentiallr: "exponential",
  linearlr: "linear",
  none: "constant",
  gd: "sgd",
  gradientdescent: "sgd",
  adamw8bit: "adamw",
  schedulefree: "scheduleFreeAdamw",
  dadapt: "dadaptAdam",
  dadaptation: "dadaptAdam",
  nesterov: "nag",
  classifier: "classification",
  categorical: "classification",
  regressor: "regression",
  cpu: "wasm",
  javascript: "js",
};

/** A word without the differences that spelling makes: capitals, blanks, - and _. */
export const plainWord = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, "");

const look = (table: Readonly<Record<string, string>>, word: string): string | undefined =>
  Object.hasOwn(table, plainWord(word)) ? table[plainWord(word)] : undefined;

/** The option, with its dashes, that a word for it elsewhere means. */
export function optionMeant(word: string, known: readonly string[]): string | undefined {
  const same = known.find((flag) => plainWord(flag) === plainWord(word));
  const meant = look(OPTIONS, word);
  return same ?? known.find((flag) => flag === `--${meant}`);
}

/** The value among these that a word for it elsewhere means. */
export const valueMeant = (word: string, known: readonly string[]): string | undefined =>
  known.find((value) => value === look(VALUES, word));

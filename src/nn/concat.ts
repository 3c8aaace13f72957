import { checkKeys, checkWhole, rangeError, typeError } from "../check.js";
import type { Engine } from "../engine/engine.js";
import { extraKernels } from "../engine/extraKernels.js";
import type { Tensor } from "../engine/tensor.js";
import { Buffers } from "./buffers.js";
import { layerOfKind } from "./derivatives.js";
import type { BoundLayer, Layer, Pass } from "./layer.js";
import { checkLayers, Stack, widths } from "./stack.js";

/** The inputs of the branches of a concat. */
export interface ConcatOptions {
  /**
   * The number of input columns for each branch, in order. By default every branch takes all columns; a single number
   * gives their count if no layer does.
   */
  inputs?: number | readonly number[];
}

interface Branch {
  layers: readonly Layer[];
  inputs: number;
  outputs: number;
}

/**
 * Parallel branches, each a stack of layers, whose outputs are concatenated by columns: y = [A(x), B(x), …]. An empty
 * branch passes its input through, as a skip connection.
 *
 * With an array `inputs` the columns are divided among the branches instead: the first branch takes the first inputs[0]
 * columns, and so on. A model of two inputs takes rows that hold both, side by side. Parameters are named by branch and
 * position, as PyTorch names nested modules: "0.1.2.weight" is the weight of layer 2 in branch 1 of the concat at
 * position 0.
 * @throws RangeError for widths that do not fit, and for a width that neither the layers nor `inputs` give
 * @example
 * const towers = concat([[dense(20, 16), relu()], [dense(5, 8), relu()]], { inputs: [20, 5] }); // [rows, 25] → [rows, 24]
 * const model = sequential(engine, [towers, dense(24, 1)], { seed: 1 });
 */
export function concat(branches: readonly (readonly Layer[])[], options: ConcatOptions = {}): Layer {
  const made = checkBranches(branches, options);
  const split = typeof options.inputs === "object";
  return {
    name: "concat",
    inputs: split ? made.reduce((total, { inputs }) => total + inputs, 0) : made[0].inputs,
    outputs: made.reduce((total, { outputs }) => total + outputs, 0),
    parameters: made.flatMap(({ layers }, b) =>
      layers.flatMap(({ parameters }, i) => parameters.map((one) => ({ ...one, name: `${b}.${i}.${one.name}` }))),
    ),
    inPlace: false,
    backwardReads: "input",
    bind: (engine, parameters, pass) => bound(engine, made, split, parameters, pass),
  };
}

function checkBranches(branches: readonly (readonly Layer[])[], options: ConcatOptions): Branch[] {
  if (!Array.isArray(branches)) throw typeError("branches", "an array of arrays of layers", branches);
  if (branches.length === 0) throw rangeError("branches", "at least one branch", branches);
  checkKeys("concat", options, ["inputs"]);
  const { inputs } = options;
  const shares = typeof inputs === "object" ? inputs : undefined;
  if (shares === undefined) {
    if (inputs !== undefined) checkWhole("inputs", inputs);
  } else {
    if (!Array.isArray(shares)) throw typeError("inputs", "a width, or an array of widths, one per branch", shares);
    if (shares.length !== branches.length)
      throw rangeError("inputs", `${branches.length} widths, one per branch`, shares);
    shares.forEach((share, b) => {
      checkWhole(`inputs[${b}]`, share);
    });
  }
  const fixed = branches.map((layers, b) => {
    checkLayers(`branches[${b}]`, layers);
    return widths(`branches[${b}]`, layers);
  });
  const common = inputs ?? fixed.find((one) => one.inputs !== undefined)?.inputs;
  return branches.map((layers, b) => {
    const share = shares ? shares[b]! : common;
    if (typeof share !== "number") throw rangeError("inputs", "the width of the input, which no layer gives", inputs);
    const { inputs: own = share, outputs = own } = fixed[b];
    if (own !== share) throw rangeError(`branches[${b}]`, `layers that take ${share} inputs`, `${own} inputs`);
    return { layers: layers.length > 0 ? layers : [identity], inputs: own, outputs };
  });
}

/** The only layer of an empty branch. */
const identity: Layer = {
  name: "identity",
  parameters: [],
  inPlace: false,
  backwardReads: "nothing",
  bind: ({ kernels: { copy } }) =>
    layerOfKind(
      {
        forward: (x, y) => copy(y.place.length, x.ref, y.ref),
        backward(_, y, dy, dx) {
          if (dx) copy(y.place.length, dy.ref, dx.ref);
        },
      },
      { kind: "elementwise" },
    ),
};

function bound(
  engine: Engine,
  branches: readonly Branch[],
  split: boolean,
  parameters: readonly Tensor[],
  pass: Pass,
): BoundLayer {
  const { copy, axpy } = engine.kernels;
  const { copyColumns } = extraKernels(engine);
  const stacks: Stack[] = [];
  const dispose = () => {
    for (const stack of stacks) stack.dispose();
  };
  let at = 0;
  try {
    for (const { layers } of branches) {
      const count = layers.reduce((total, layer) => total + layer.parameters.length, 0);
      stacks.push(new Stack(engine, layers, parameters.slice(at, (at += count)), pass));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  // Copies of the columns of each branch, if the branches divide the input.
  const columns = split ? branches.map(({ inputs }) => new Buffers(engine, inputs, "a model")) : undefined;
  const layer: BoundLayer = {
    forward(x, y) {
      const rows = x.shape[0];
      const width = x.shape[1];
      const all = y.shape[1];
      for (let b = 0, from = 0, to = 0; b < stacks.length; b++) {
        const { inputs, outputs } = branches[b];
        const own = columns ? columns[b].rows(rows) : x;
        if (columns) copyColumns(rows, inputs, x.ref, from, width, own.ref, 0, inputs);
        const out = stacks[b].forward(own);
        copyColumns(rows, outputs, out.ref, 0, outputs, y.ref, to, all);
        from += inputs;
        to += outputs;
      }
    },
    reserve(_x, _y, inputGrad) {
      for (const stack of stacks) {
        void stack.output!.gradient;
        stack.reserve(inputGrad);
      }
    },
    backward(x, _, dy, dx) {
      const rows = x.shape[0];
      const width = x.shape[1];
      const all = dy.shape[1];
      for (let b = 0, from = 0, to = 0; b < stacks.length; b++) {
        const { inputs, outputs } = branches[b];
        const own = stacks[b].output!.gradient;
        copyColumns(rows, outputs, dy.ref, to, all, own.ref, 0, outputs);
        const d = stacks[b].backward(own, dx !== undefined);
        if (dx && d) {
          if (columns) copyColumns(rows, inputs, d.ref, 0, inputs, dx.ref, from, width);
          else if (b === 0) copy(dx.place.length, d.ref, dx.ref);
          else axpy(dx.place.length, d.ref, dx.ref, 1);
        }
        from += inputs;
        to += outputs;
      }
    },
    inspect: (prefix) => stacks.flatMap((stack, b) => stack.inspect(`${prefix}${b}.`)),
    keep(all) {
      for (const stack of stacks) stack.keep(all);
    },
    dispose() {
      dispose();
      for (const buffers of columns ?? []) buffers.dispose();
    },
  };
  return layerOfKind(layer, { kind: "concat", stacks, branches, split });
}

import { typeError } from "../../check.js";
import { extraKernels } from "../../engine/extraKernels.js";
import type { Tensor } from "../../engine/tensor.js";
import { kindOfLayer, type LayerKind } from "../derivatives.js";
import type { Stack } from "../stack.js";
import type { Differential, Directions, Workspace } from "./differential.js";
import { denseDifferential, elementwiseDifferential, layerNormDifferential } from "./layers.js";

/** Gradients with respect to one value: the gradient (if there is one) and its tangent. */
interface Cotangents {
  d: Tensor | undefined;
  t: Tensor;
}

/** Tangents through a stack of layers, after its forward pass: those of a model, or of a branch in it. */
export class Tangents {
  readonly #space: Workspace;
  readonly #stack: Stack;
  readonly #layers: Differential[];
  /** The first layer with parameters; nothing before it changes along the direction. */
  readonly #first: number;
  /** The tangents of `stack.values`. */
  readonly #dots: (Tensor | undefined)[] = [];
  /** Memory for the gradients with respect to them. */
  readonly #cotangents: (Cotangents | undefined)[] = [];

  /** @param directions of all parameters of the stack, in order */
  constructor(space: Workspace, stack: Stack, directions: Directions, name = "layers") {
    this.#space = space;
    this.#stack = stack;
    let at = 0;
    this.#layers = stack.layers.map(({ name: layer, parameters, inPlace }, i) => {
      const own = sliced(directions, at, (at += parameters.length));
      const kind = kindOfLayer(stack.bound[i]);
      const path = `${name}[${i}]`;
      if (kind === undefined) throw typeError(path, "a layer of the library, whose derivatives it knows", layer);
      if (kind.kind === "dense") return denseDifferential(space, kind, own);
      if (kind.kind === "layerNorm") return layerNormDifferential(space, kind, own);
      if (kind.kind === "concat") return concatDifferential(space, kind, own, path);
      return elementwiseDifferential(space, stack.bound[i], inPlace, kind);
    });
    const first = stack.layers.findIndex(({ parameters }) => parameters.length > 0);
    this.#first = first < 0 ? stack.layers.length : first;
  }

  /** The tangent of the output, given that of the input. */
  forward(xDot?: Tensor): Tensor | undefined {
    const { values } = this.#stack;
    const dots = this.#dots;
    dots[0] = xDot;
    this.#layers.forEach((layer, i) => {
      dots[i + 1] = layer.forward(values[i], values[i + 1], dots[i]);
    });
    return dots[this.#layers.length];
  }

  /** Allocates what {@link backward} writes to. `wanted`: the gradients with respect to the input too. */
  reserve(both: boolean, wanted: boolean): void {
    const { values, layers } = this.#stack;
    for (let i = this.#last(wanted); i < layers.length; i++) {
      const needed = this.#needs(i, wanted);
      const shape = values[i].shape;
      if (needed && !layers[i].inPlace) {
        const d = both ? this.#space.make(shape) : undefined;
        this.#cotangents[i] = { d, t: this.#space.make(shape) };
      }
      this.#layers[i].reserve(values[i], values[i + 1], this.#dots[i], both, needed);
    }
  }

  /**
   * Takes d and t of the output, which it may overwrite, back to the parameters. Nothing is allocated.
   * @returns those of the input, if wanted
   */
  backward(d: Tensor | undefined, t: Tensor, wanted: boolean): Cotangents | undefined {
    const { values, layers } = this.#stack;
    const dots = this.#dots;
    let at: Cotangents = { d, t };
    for (let i = layers.length - 1; i >= this.#last(wanted); i--) {
      const into = layers[i].inPlace ? at : this.#cotangents[i];
      this.#layers[i].backward(values[i], values[i + 1], dots[i], dots[i + 1], at.d, at.t, into?.d, into?.t);
      if (into) at = into;
    }
    return wanted ? at : undefined;
  }

  /** Where the backward pass ends. */
  #last(wanted: boolean): number {
    return wanted ? 0 : this.#first;
  }
  /** Whether the gradients with respect to the input of a layer are needed. */
  #needs(i: number, wanted: boolean): boolean {
    return wanted || i > this.#first;
  }
}

const sliced = ({ v, out }: Directions, from: number, to: number): Directions => ({
  v: v?.slice(from, to),
  out: out.slice(from, to),
});

/** The branches of a concat, each with tangents of its own. Here and not in layers.ts, as each of the two needs the other. */
function concatDifferential(
  space: Workspace,
  { stacks, branches, split }: LayerKind & { kind: "concat" },
  directions: Directions,
  name: string,
): Differential {
  const { copy, axpy } = space.engine.kernels;
  const { copyColumns } = extraKernels(space.engine);
  let at = 0;
  const inner = stacks.map((stack, b) => {
    const count = stack.layers.reduce((total, { parameters }) => total + parameters.length, 0);
    return new Tangents(space, stack, sliced(directions, at, (at += count)), `${name}.branches[${b}]`);
  });
  const ends: Cotangents[] = [];
  return {
    forward(x, y, xDot) {
      const [rows, width] = x.shape;
      const all = y.shape[1];
      let yDot: Tensor | undefined;
      for (let b = 0, from = 0, to = 0; b < inner.length; b++) {
        const { inputs, outputs } = branches[b];
        const own = xDot && split ? space.make([rows, inputs]) : xDot;
        if (own && own !== xDot) copyColumns(rows, inputs, xDot!.ref, from, width, own.ref, 0, inputs);
        const dot = inner[b].forward(own);
        if (dot) {
          yDot ??= space.make(y.shape);
          copyColumns(rows, outputs, dot.ref, 0, outputs, yDot.ref, to, all);
        }
        from += inputs;
        to += outputs;
      }
      return yDot;
    },
    reserve(x, _y, _xDot, both, wanted) {
      const [rows] = x.shape;
      for (let b = 0; b < inner.length; b++) {
        const shape = [rows, branches[b].outputs];
        ends[b] = { d: both ? space.make(shape) : undefined, t: space.make(shape) };
        inner[b].reserve(both, wanted);
      }
    },
    backward(x, y, _xDot, _yDot, d, t, dx, tx) {
      const [rows, width] = x.shape;
      const all = y.shape[1];
      /** Adds up what the branches give the input, or lays it side by side. */
      const gather = (b: number, from: number, own: Tensor | undefined, into: Tensor | undefined) => {
        if (!own || !into) return;
        if (split) copyColumns(rows, branches[b].inputs, own.ref, 0, branches[b].inputs, into.ref, from, width);
        else if (b === 0) copy(into.place.length, own.ref, into.ref);
        else axpy(into.place.length, own.ref, into.ref, 1);
      };
      for (let b = 0, from = 0, to = 0; b < inner.length; b++) {
        const { inputs, outputs } = branches[b];
        const end = ends[b];
        copyColumns(rows, outputs, t.ref, to, all, end.t.ref, 0, outputs);
        if (d && end.d) copyColumns(rows, outputs, d.ref, to, all, end.d.ref, 0, outputs);
        const start = inner[b].backward(d && end.d, end.t, tx !== undefined);
        gather(b, from, start?.t, tx);
        gather(b, from, start?.d, dx);
        from += inputs;
        to += outputs;
      }
    },
  };
}

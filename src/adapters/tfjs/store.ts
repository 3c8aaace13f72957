import type { Engine } from "../../engine/engine.js";
import type { Tensor } from "../../engine/tensor.js";
import type { TfTensor, TfVariable } from "./types.js";

/** How variables of TensorFlow.js become parameters of an engine, and back: in place, or by copies. */
export interface Store {
  readonly engine: Engine;
  /** The parameter of a variable that is seen for the first time. */
  adopt(variable: TfVariable): Tensor;
  /** Sees to it that the parameter has the numbers of its variable, which the program may have assigned. */
  pull(variable: TfVariable): void;
  /** Copies a gradient in. */
  gradient(variable: TfVariable, gradient: TfTensor): void;
  /** Sees to it that the variable has the numbers of its parameter. */
  push(variable: TfVariable): void;
  /** Frees what the store has for a variable; the variable keeps its numbers. */
  release(variable: TfVariable): void;
}

/** Variables without dimensions are parameters of one element. */
export const shapeOf = ({ shape }: TfTensor): readonly number[] => (shape.length === 0 ? [1] : shape);

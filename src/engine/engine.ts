import { checkBoolean, checkKeys, checkWhole, rangeError, typeError } from "../check.js";
import { isFloat32 } from "../host/realm.js";
import { AttachedTensor } from "./attached.js";
import { EngineCore } from "./core.js";
import { checkTensor, checkValues, type Shape, sizeOf, type Tensor, tensorOf } from "./tensor.js";

/** Options of a matrix product. */
export interface MatmulOptions {
  /** A is stored as [k, m]. */
  transposeA?: boolean;
  /** B is stored as [n, k]. */
  transposeB?: boolean;
  /** The tensor that receives the product; a new one by default. */
  out?: Tensor;
  /** Add the product to `out` instead of overwriting it. */
  accumulate?: boolean;
}

/**
 * The machine under tensors, layers and optimizers: memory, and the kernels that work in it. Made by
 * {@link createEngine}. Engines share nothing: tensors of one do not work in another.
 */
export class Engine extends EngineCore {
  /**
   * A tensor of zeros, or of `values` in row-major order.
   *
   * @param shape whole numbers ≥ 1; a single number means one dimension
   * @throws RangeError when the number of values does not fit the shape, or when memory runs out
   * @example
   * const w = engine.tensor([2, 3], [1, 2, 3, 4, 5, 6]);
   */
  tensor(shape: number | readonly number[], values?: ArrayLike<number>): Tensor {
    this.alive();
    const dims = checkShape("shape", shape);
    const size = sizeOf(dims);
    if (values !== undefined) checkValues(values, size, dims);
    const tensor = tensorOf(this, dims);
    if (values !== undefined) tensor.data.set(values);
    return tensor;
  }

  /**
   * A parameter in an array of the caller's own. An optimizer's step copies it in and out on wasm, and works in place on
   * js. Attached tensors are for optimizers alone: layers and matrix products throw when given one.
   *
   * @param data the parameters; the array remains the caller's
   * @param o.grad the gradient, of the same length; without it `tensor.grad` makes one
   * @param o.shape defaults to one dimension
   */
  attach(data: Float32Array, o: { grad?: Float32Array; shape?: readonly number[] } = {}): Tensor {
    this.alive();
    checkKeys("attach", o, ["grad", "shape"]);
    if (!isFloat32(data)) throw typeError("data", "a Float32Array", data);
    if (data.length === 0) throw rangeError("data", "at least one number", data);
    const shape = checkShape("shape", o.shape ?? data.length);
    const size = sizeOf(shape);
    if (size !== data.length) throw rangeError("shape", `a shape of ${data.length} elements`, shape);
    if (o.grad !== undefined) {
      if (!isFloat32(o.grad)) throw typeError("grad", "a Float32Array", o.grad);
      if (o.grad.length !== size) throw rangeError("grad", `${size} numbers, as data`, o.grad);
    }
    return new AttachedTensor(this, shape, data, o.grad);
  }

  /**
   * C [m, n] = op(A) [m, k] · op(B) [k, n], for 2-D tensors.
   *
   * Each element is one sum from +0 in the order of k; with `accumulate` the old C is added to that sum.
   * @throws RangeError when the shapes do not fit; TypeError for tensors that are disposed, attached or another engine's
   * @example
   * const c = engine.matmul(engine.tensor([1, 2], [3, 4]), engine.tensor([2, 1], [5, 6])); // [[39]]
   */
  matmul(a: Tensor, b: Tensor, o: MatmulOptions = {}): Tensor {
    this.alive();
    checkKeys("matmul", o, ["transposeA", "transposeB", "out", "accumulate"]);
    const { transposeA = false, transposeB = false, accumulate = false, out } = o;
    checkBoolean("transposeA", transposeA);
    checkBoolean("transposeB", transposeB);
    checkBoolean("accumulate", accumulate);
    this.checkTensor("a", a, 2);
    this.checkTensor("b", b, 2);
    const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : [a.shape[0], a.shape[1]];
    const [kb, n] = transposeB ? [b.shape[1], b.shape[0]] : [b.shape[0], b.shape[1]];
    if (k !== kb) {
      throw new RangeError(
        `matmul: expected op(b) with ${k} rows, the columns of op(a) [${m}, ${k}], got [${kb}, ${n}]`,
      );
    }
    if (out === undefined) {
      if (accumulate) throw typeError("out", "a tensor to accumulate into", out);
    } else {
      this.checkTensor("out", out, 2);
      if (out.shape[0] !== m || out.shape[1] !== n) throw rangeError("out", `shape [${m}, ${n}]`, out.shape);
      if (out === a || out === b) throw new RangeError("out: expected a tensor other than a and b, got one of them");
    }
    const c = out ?? this.tensor([m, n]);
    try {
      this.product(transposeA, transposeB, m, n, k, a.ref, b.ref, c.ref, accumulate);
    } catch (error) {
      if (c !== out) c.dispose(); // there was memory for the result, but not for working memory
      throw error;
    }
    return c;
  }

  /** @internal Throws unless `tensor` is a live tensor of this engine, and not attached. */
  checkTensor(name: string, tensor: unknown, rank?: number): asserts tensor is Tensor {
    checkTensor(name, tensor, this, rank);
  }
}

function checkShape(name: string, shape: unknown): Shape {
  const dims = typeof shape === "number" ? [shape] : shape;
  if (!Array.isArray(dims)) throw typeError(name, "a whole number or an array of them", shape);
  if (dims.length === 0) throw rangeError(name, "at least one dimension", shape);
  for (const d of dims) checkWhole(name, d);
  return Object.freeze([...dims]);
}

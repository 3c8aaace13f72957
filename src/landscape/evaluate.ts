/** The value, the gradient and the Hessian of a recorded formula at a point, in f64. */
import { cos, cosPi, exp, sin, sinPi } from "../math/f64.js";
import { type Graph, Op } from "./expression.js";

/** Values and derivatives of one graph. Its arrays are made once: a call leaves no garbage. */
export class Evaluator {
  readonly graph: Graph;
  readonly #value: Float64Array;
  /** First and second derivatives of functions of one operand. */
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  /** The derivative of f by each quantity, and how both change along one variable. */
  readonly #adjoint: Float64Array;
  readonly #tangent: Float64Array;
  readonly #adjointTangent: Float64Array;

  constructor(graph: Graph) {
    this.graph = graph;
    const zeros = () => new Float64Array(graph.size);
    this.#value = zeros();
    this.#first = zeros();
    this.#second = zeros();
    this.#adjoint = zeros();
    this.#tangent = zeros();
    this.#adjointTangent = zeros();
  }

  /** f(x). */
  value(x: ArrayLike<number>): number {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    for (let i = 0; i < dims; i++) v[i] = x[i];
    for (let i = dims; i < size; i++) {
      const u = v[a[i]];
      switch (op[i]) {
        case Op.add:
          v[i] = u + v[b[i]];
          break;
        case Op.subtract:
          v[i] = u - v[b[i]];
          break;
        case Op.multiply:
          v[i] = u * v[b[i]];
          break;
        case Op.shift:
          v[i] = u + constant[i];
          break;
        case Op.scale:
          v[i] = u * constant[i];
          break;
        case Op.square:
          v[i] = u * u;
          break;
        case Op.sin:
          v[i] = sin(u);
          break;
        case Op.cos:
          v[i] = cos(u);
          break;
        case Op.sinPi:
          v[i] = sinPi(u);
          break;
        case Op.cosPi:
          v[i] = cosPi(u);
          break;
        case Op.exp:
          v[i] = exp(u);
          break;
        case Op.sqrt:
          v[i] = Math.sqrt(u);
          break;
      }
    }
    return v[size - 1];
  }

  /** Writes ∇f(x), and returns f(x). */
  gradient(x: ArrayLike<number>, out: { [i: number]: number }): number {
    const value = this.value(x);
    this.#differentiate();
    this.#backward();
    for (let i = 0; i < this.graph.dims; i++) out[i] = this.#adjoint[i];
    return value;
  }

  /** Writes the rows of the Hessian at x. Column j is how the gradient changes along variable j. */
  hessian(x: ArrayLike<number>, rows: readonly { [j: number]: number }[]): void {
    const { dims } = this.graph;
    this.value(x);
    this.#differentiate();
    this.#backward();
    for (let j = 0; j < dims; j++) {
      this.#forwardTangent(j);
      this.#backwardTangent();
      for (let i = 0; i < dims; i++) rows[i][j] = this.#adjointTangent[i];
    }
  }

  #differentiate(): void {
    const { size, op, a, dims } = this.graph;
    const v = this.#value;
    const first = this.#first;
    const second = this.#second;
    for (let i = dims; i < size; i++) {
      const u = v[a[i]];
      switch (op[i]) {
        case Op.square:
          first[i] = 2 * u;
          second[i] = 2;
          break;
        case Op.sin:
          first[i] = cos(u);
          second[i] = -v[i];
          break;
        case Op.cos:
          first[i] = -sin(u);
          second[i] = -v[i];
          break;
        case Op.sinPi:
          first[i] = Math.PI * cosPi(u);
          second[i] = -Math.PI * Math.PI * v[i];
          break;
        case Op.cosPi:
          first[i] = -Math.PI * sinPi(u);
          second[i] = -Math.PI * Math.PI * v[i];
          break;
        case Op.exp:
          first[i] = v[i];
          second[i] = v[i];
          break;
        case Op.sqrt:
          first[i] = u === 0 ? 0 : 0.5 / v[i];
          second[i] = u === 0 ? Number.NaN : -0.25 / (u * v[i]);
          break;
      }
    }
  }

  #backward(): void {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    const adjoint = this.#adjoint.fill(0);
    adjoint[size - 1] = 1;
    for (let i = size - 1; i >= dims; i--) {
      const w = adjoint[i];
      switch (op[i]) {
        case Op.add:
          adjoint[a[i]] += w;
          adjoint[b[i]] += w;
          break;
        case Op.subtract:
          adjoint[a[i]] += w;
          adjoint[b[i]] -= w;
          break;
        case Op.multiply:
          adjoint[a[i]] += w * v[b[i]];
          adjoint[b[i]] += w * v[a[i]];
          break;
        case Op.shift:
          adjoint[a[i]] += w;
          break;
        case Op.scale:
          adjoint[a[i]] += w * constant[i];
          break;
        default:
          adjoint[a[i]] += w * this.#first[i];
      }
    }
  }

  #forwardTangent(along: number): void {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    const t = this.#tangent;
    for (let i = 0; i < dims; i++) t[i] = i === along ? 1 : 0;
    for (let i = dims; i < size; i++) {
      const u = t[a[i]];
      switch (op[i]) {
        case Op.add:
          t[i] = u + t[b[i]];
          break;
        case Op.subtract:
          t[i] = u - t[b[i]];
          break;
        case Op.multiply:
          t[i] = u * v[b[i]] + v[a[i]] * t[b[i]];
          break;
        case Op.shift:
          t[i] = u;
          break;
        case Op.scale:
          t[i] = u * constant[i];
          break;
        default:
          t[i] = u * this.#first[i];
      }
    }
  }

  #backwardTangent(): void {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    const t = this.#tangent;
    const adjoint = this.#adjoint;
    const changes = this.#adjointTangent.fill(0);
    for (let i = size - 1; i >= dims; i--) {
      const w = changes[i];
      switch (op[i]) {
        case Op.add:
          changes[a[i]] += w;
          changes[b[i]] += w;
          break;
        case Op.subtract:
          changes[a[i]] += w;
          changes[b[i]] -= w;
          break;
        case Op.multiply:
          changes[a[i]] += w * v[b[i]] + adjoint[i] * t[b[i]];
          changes[b[i]] += w * v[a[i]] + adjoint[i] * t[a[i]];
          break;
        case Op.shift:
          changes[a[i]] += w;
          break;
        case Op.scale:
          changes[a[i]] += w * constant[i];
          break;
        default:
          changes[a[i]] += w * this.#first[i] + adjoint[i] * this.#second[i] * t[a[i]];
      }
    }
  }
}

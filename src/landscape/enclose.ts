/** Bounds of the gradient and the Hessian of a recorded formula over a box: its operations on intervals. */
import { cos, cosPi, sin, sinPi } from "../math/f64.js";
import { type Graph, Op } from "./expression.js";
import * as interval from "./interval.js";
import { result } from "./interval.js";

/** One interval for each quantity. */
export interface Bounds {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}
const bounds = (size: number): Bounds => ({ lo: new Float64Array(size), hi: new Float64Array(size) });
function put(to: Bounds, i: number): void {
  to.lo[i] = result[0];
  to.hi[i] = result[1];
}
/** to[i] = to[i] + the last result. */
function gather(to: Bounds, i: number): void {
  interval.add(to.lo[i], to.hi[i], result[0], result[1]);
  put(to, i);
}
const times = (a: Bounds, i: number, b: Bounds, j: number): void =>
  interval.multiply(a.lo[i], a.hi[i], b.lo[j], b.hi[j]);
const copy = (a: Bounds, i: number): void => interval.add(a.lo[i], a.hi[i], 0, 0);
const negative = (a: Bounds, i: number): void => interval.scale(a.lo[i], a.hi[i], -1);
const TURN = 2 * Math.PI;

/** Bounds over boxes for one graph. */
export class Enclosure {
  readonly graph: Graph;
  readonly #value: Bounds;
  readonly #first: Bounds;
  readonly #second: Bounds;
  readonly #adjoint: Bounds;
  readonly #tangent: Bounds;
  readonly #changes: Bounds;

  constructor(graph: Graph) {
    this.graph = graph;
    this.#value = bounds(graph.size);
    this.#first = bounds(graph.size);
    this.#second = bounds(graph.size);
    this.#adjoint = bounds(graph.size);
    this.#tangent = bounds(graph.size);
    this.#changes = bounds(graph.size);
  }

  /** Takes the box, and writes the bounds of the gradient over it. */
  gradient(lo: ArrayLike<number>, hi: ArrayLike<number>, out: Bounds): void {
    const { dims } = this.graph;
    for (let i = 0; i < dims; i++) {
      this.#value.lo[i] = lo[i];
      this.#value.hi[i] = hi[i];
    }
    this.#forward();
    this.#backward();
    for (let i = 0; i < dims; i++) {
      out.lo[i] = this.#adjoint.lo[i];
      out.hi[i] = this.#adjoint.hi[i];
    }
  }

  /** Writes the bounds of the Hessian, row after row, over the box of the last {@link gradient}. */
  hessian(out: Bounds): void {
    const { dims } = this.graph;
    for (let j = 0; j < dims; j++) {
      this.#forwardTangent(j);
      this.#backwardTangent();
      for (let i = 0; i < dims; i++) {
        out.lo[i * dims + j] = this.#changes.lo[i];
        out.hi[i * dims + j] = this.#changes.hi[i];
      }
    }
  }

  #forward(): void {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    for (let i = dims; i < size; i++) {
      const p = a[i];
      const q = b[i];
      const low = v.lo[p];
      const high = v.hi[p];
      switch (op[i]) {
        case Op.add:
          interval.add(low, high, v.lo[q], v.hi[q]);
          break;
        case Op.subtract:
          interval.add(low, high, -v.hi[q], -v.lo[q]);
          break;
        case Op.multiply:
          interval.multiply(low, high, v.lo[q], v.hi[q]);
          break;
        case Op.shift:
          interval.add(low, high, constant[i], constant[i]);
          break;
        case Op.scale:
          interval.scale(low, high, constant[i]);
          break;
        default:
          this.#function(i, low, high);
          continue;
      }
      put(v, i);
    }
  }

  /** A function of one operand, and its two derivatives. */
  #function(i: number, low: number, high: number): void {
    const v = this.#value;
    const first = this.#first;
    const second = this.#second;
    const PI_SQUARED = Math.PI * Math.PI;
    switch (this.graph.op[i]) {
      case Op.square:
        interval.square(low, high);
        put(v, i);
        interval.scale(low, high, 2);
        put(first, i);
        interval.add(2, 2, 0, 0);
        put(second, i);
        break;
      case Op.sin:
        interval.wave(sin, low, high, TURN, TURN / 4);
        put(v, i);
        negative(v, i);
        put(second, i);
        interval.wave(cos, low, high, TURN, 0);
        put(first, i);
        break;
      case Op.cos:
        interval.wave(cos, low, high, TURN, 0);
        put(v, i);
        negative(v, i);
        put(second, i);
        interval.wave(sin, low, high, TURN, TURN / 4);
        interval.scale(result[0], result[1], -1);
        put(first, i);
        break;
      case Op.sinPi:
        interval.wave(sinPi, low, high, 2, 0.5);
        put(v, i);
        interval.scale(v.lo[i], v.hi[i], -PI_SQUARED);
        put(second, i);
        interval.wave(cosPi, low, high, 2, 0);
        interval.scale(result[0], result[1], Math.PI);
        put(first, i);
        break;
      case Op.cosPi:
        interval.wave(cosPi, low, high, 2, 0);
        put(v, i);
        interval.scale(v.lo[i], v.hi[i], -PI_SQUARED);
        put(second, i);
        interval.wave(sinPi, low, high, 2, 0.5);
        interval.scale(result[0], result[1], -Math.PI);
        put(first, i);
        break;
      case Op.exp:
        interval.exponential(low, high);
        put(v, i);
        put(first, i);
        put(second, i);
        break;
      case Op.sqrt: {
        interval.root(low, high);
        put(v, i);
        const from = v.lo[i];
        const to = v.hi[i];
        interval.add(0.5 / to, 0.5 / from, 0, 0);
        put(first, i);
        interval.add(-0.25 / (from * from * from), -0.25 / (to * to * to), 0, 0);
        interval.multiply(result[0], result[1], 1 - 1e-15, 1 + 1e-15);
        put(second, i);
        break;
      }
    }
  }

  #backward(): void {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    const w = this.#adjoint;
    w.lo.fill(0);
    w.hi.fill(0);
    w.lo[size - 1] = 1;
    w.hi[size - 1] = 1;
    for (let i = size - 1; i >= dims; i--) {
      switch (op[i]) {
        case Op.multiply:
          times(w, i, v, a[i]);
          gather(w, b[i]);
          times(w, i, v, b[i]);
          break;
        default:
          this.#linear(w, i, b[i], op[i], constant[i]);
      }
      gather(w, a[i]);
    }
  }

  /** Hands what reaches quantity i on to its operands: to the second here, to the first as the last result. */
  #linear(w: Bounds, i: number, second: number, op: number, constant: number): void {
    switch (op) {
      case Op.add:
        copy(w, i);
        gather(w, second);
        copy(w, i);
        break;
      case Op.subtract:
        negative(w, i);
        gather(w, second);
        copy(w, i);
        break;
      case Op.shift:
        copy(w, i);
        break;
      case Op.scale:
        interval.scale(w.lo[i], w.hi[i], constant);
        break;
      default:
        times(w, i, this.#first, i);
    }
  }

  #forwardTangent(along: number): void {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    const t = this.#tangent;
    for (let i = 0; i < dims; i++) t.lo[i] = t.hi[i] = i === along ? 1 : 0;
    for (let i = dims; i < size; i++) {
      const p = a[i];
      const q = b[i];
      switch (op[i]) {
        case Op.add:
          interval.add(t.lo[p], t.hi[p], t.lo[q], t.hi[q]);
          break;
        case Op.subtract:
          interval.add(t.lo[p], t.hi[p], -t.hi[q], -t.lo[q]);
          break;
        case Op.multiply:
          times(t, p, v, q);
          put(t, i);
          times(v, p, t, q);
          gather(t, i);
          continue;
        case Op.shift:
          copy(t, p);
          break;
        case Op.scale:
          interval.scale(t.lo[p], t.hi[p], constant[i]);
          break;
        default:
          times(t, p, this.#first, i);
      }
      put(t, i);
    }
  }

  #backwardTangent(): void {
    const { size, op, a, b, constant, dims } = this.graph;
    const v = this.#value;
    const t = this.#tangent;
    const w = this.#adjoint;
    const changes = this.#changes;
    changes.lo.fill(0);
    changes.hi.fill(0);
    for (let i = size - 1; i >= dims; i--) {
      const p = a[i];
      const q = b[i];
      if (op[i] === Op.multiply) {
        times(changes, i, v, p);
        gather(changes, q);
        times(w, i, t, p);
        gather(changes, q);
        times(w, i, t, q);
        gather(changes, p);
        times(changes, i, v, q);
      } else if (op[i] >= Op.square) {
        times(w, i, this.#second, i);
        interval.multiply(result[0], result[1], t.lo[p], t.hi[p]);
        gather(changes, p);
        times(changes, i, this.#first, i);
      } else this.#linear(changes, i, q, op[i], constant[i]);
      gather(changes, p);
    }
  }
}

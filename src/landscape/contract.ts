import type { Enclosure } from "./enclose.js";
import * as interval from "./interval.js";
import { result } from "./interval.js";

/** A box: an interval for each variable, or a list of intervals. */
export interface Bounds {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}
const bounds = (size: number): Bounds => ({ lo: new Float64Array(size), hi: new Float64Array(size) });

/** What is left of a box. */
interface Contracted {
  box: Bounds;
  /** Whether the box, or one slightly wider, has exactly one zero of the gradient. */
  unique: boolean;
}

/** A box is widened by this share of its sides on each, so that a zero on its border lies inside. */
const WIDER = 0.1;
/** A box that shrinks less than this is cut rather than contracted once more. */
const SHRINKS = 0.8;

/** Shrinks boxes around the zeros of the gradient of one surface. */
export class Contractor {
  readonly #enclosure: Enclosure;
  readonly #dims: number;
  // Working memory: hundreds of thousands of boxes would leave a quarter of the time to the garbage collector.
  readonly #g: Bounds;
  readonly #h: Bounds;
  readonly #wide: Bounds;
  readonly #image: Bounds;
  readonly #mid: Float64Array;
  readonly #matrix: Float64Array;
  readonly #inverse: Float64Array;

  constructor(enclosure: Enclosure) {
    const { dims } = enclosure.graph;
    this.#enclosure = enclosure;
    this.#dims = dims;
    this.#g = bounds(dims);
    this.#h = bounds(dims * dims);
    this.#wide = bounds(dims);
    this.#image = bounds(dims);
    this.#mid = new Float64Array(dims);
    this.#matrix = new Float64Array(dims * dims);
    this.#inverse = new Float64Array(dims * dims);
  }

  /**
   * Shrinks a box around the zeros of the gradient in it, in place; undefined if it has none. Krawczyk's operator: for the
   * middle m and Y near the inverse of the Hessian there, each zero in the box X lies in K = m - Y g(m) + (1 - Y H(X)) (X - m),
   * and if K is inside of X there is exactly one.
   */
  contracted(box: Bounds): Contracted | undefined {
    const dims = this.#dims;
    const enclosure = this.#enclosure;
    const g = this.#g;
    const wide = this.#wide;
    const image = this.#image;
    for (;;) {
      enclosure.gradient(box.lo, box.hi, g);
      for (let i = 0; i < dims; i++) if (g.lo[i] > 0 || g.hi[i] < 0) return undefined;
      for (let i = 0; i < dims; i++) {
        const margin = WIDER * (box.hi[i] - box.lo[i]);
        wide.lo[i] = box.lo[i] - margin;
        wide.hi[i] = box.hi[i] + margin;
        this.#mid[i] = (box.lo[i] + box.hi[i]) / 2;
      }
      enclosure.gradient(wide.lo, wide.hi, g);
      enclosure.hessian(this.#h);
      enclosure.gradient(this.#mid, this.#mid, g); // bounds of rounding alone
      if (this.#meanValueExcludes(box)) return undefined;
      if (!invertMiddle(this.#h, dims, this.#matrix, this.#inverse)) return { box, unique: false };
      this.#krawczyk();
      let inside = true;
      for (let i = 0; i < dims; i++) {
        if (image.lo[i] > box.hi[i] || image.hi[i] < box.lo[i]) return undefined;
        if (!(image.lo[i] > wide.lo[i] && image.hi[i] < wide.hi[i])) inside = false;
      }
      if (inside) {
        box.lo.set(image.lo);
        box.hi.set(image.hi);
        return { box, unique: true };
      }
      let shrinks = false;
      for (let i = 0; i < dims; i++) {
        const side = box.hi[i] - box.lo[i];
        if (image.lo[i] > box.lo[i]) box.lo[i] = image.lo[i]; // not for NaN
        if (image.hi[i] < box.hi[i]) box.hi[i] = image.hi[i];
        if (box.hi[i] - box.lo[i] < SHRINKS * side) shrinks = true;
      }
      if (!shrinks) return { box, unique: false };
    }
  }

  /** Whether g(m) + H (X - m), which bounds the gradient over X too, leaves out 0. */
  #meanValueExcludes({ lo, hi }: Bounds): boolean {
    const dims = this.#dims;
    const mid = this.#mid;
    const h = this.#h;
    for (let i = 0; i < dims; i++) {
      let low = this.#g.lo[i];
      let high = this.#g.hi[i];
      for (let j = 0; j < dims; j++) {
        interval.multiply(h.lo[i * dims + j], h.hi[i * dims + j], lo[j] - mid[j], hi[j] - mid[j]);
        interval.add(low, high, result[0], result[1]);
        low = result[0];
        high = result[1];
      }
      if (low > 0 || high < 0) return true;
    }
    return false;
  }

  #krawczyk(): void {
    const dims = this.#dims;
    const mid = this.#mid;
    const h = this.#h;
    const inverse = this.#inverse;
    for (let i = 0; i < dims; i++) {
      let low = mid[i];
      let high = mid[i];
      for (let j = 0; j < dims; j++) {
        interval.scale(this.#g.lo[j], this.#g.hi[j], -inverse[i * dims + j]);
        interval.add(low, high, result[0], result[1]);
        low = result[0];
        high = result[1];
        // (1 - Y H)ᵢⱼ
        let from = i === j ? 1 : 0;
        let to = from;
        for (let k = 0; k < dims; k++) {
          interval.scale(h.lo[k * dims + j], h.hi[k * dims + j], -inverse[i * dims + k]);
          interval.add(from, to, result[0], result[1]);
          from = result[0];
          to = result[1];
        }
        interval.multiply(from, to, this.#wide.lo[j] - mid[j], this.#wide.hi[j] - mid[j]);
        interval.add(low, high, result[0], result[1]);
        low = result[0];
        high = result[1];
      }
      this.#image.lo[i] = low;
      this.#image.hi[i] = high;
    }
  }
}

/** Writes the inverse of the middle of a matrix of intervals, by Gauss and Jordan; false if it is singular or unbounded. */
function invertMiddle(h: Bounds, dims: number, a: Float64Array, inverse: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) a[i] = (h.lo[i] + h.hi[i]) / 2;
  inverse.fill(0);
  for (let i = 0; i < dims; i++) inverse[i * dims + i] = 1;
  for (let c = 0; c < dims; c++) {
    let pivot = c;
    for (let r = c + 1; r < dims; r++) if (Math.abs(a[r * dims + c]) > Math.abs(a[pivot * dims + c])) pivot = r;
    const lead = a[pivot * dims + c];
    if (!(Math.abs(lead) > 0 && Math.abs(lead) < Number.POSITIVE_INFINITY)) return false;
    for (const m of [a, inverse]) {
      for (let k = 0; k < dims; k++) {
        const swapped = m[pivot * dims + k];
        m[pivot * dims + k] = m[c * dims + k];
        m[c * dims + k] = swapped / lead;
      }
    }
    for (let r = 0; r < dims; r++) {
      const factor = a[r * dims + c];
      if (r === c || factor === 0) continue;
      for (const m of [a, inverse]) for (let k = 0; k < dims; k++) m[r * dims + k] -= factor * m[c * dims + k];
    }
  }
  return inverse.every(Number.isFinite);
}

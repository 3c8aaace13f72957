import type { Enclosure } from "./enclose.js";
import * as interval from "./interval.js";

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

/**
 * Shrinks a box around the zeros of the gradient in it; undefined if it has none. Krawczyk's operator: for the middle m and
 * Y near the inverse of the Hessian there, each zero in the box X lies in K = m - Y g(m) + (1 - Y H(X)) (X - m), and if K is
 * inside of X there is exactly one.
 */
export function contracted(enclosure: Enclosure, start: Bounds): Contracted | undefined {
  const { dims } = enclosure.graph;
  const g = bounds(dims);
  const h = bounds(dims * dims);
  let own = start;
  for (;;) {
    enclosure.gradient(own.lo, own.hi, g);
    for (let i = 0; i < dims; i++) if (g.lo[i] > 0 || g.hi[i] < 0) return undefined;
    const box = wider(own);
    enclosure.gradient(box.lo, box.hi, g);
    enclosure.hessian(h);
    const inverse = inverseOfMiddle(h, dims);
    const mid = Float64Array.from(box.lo, (from, i) => (from + box.hi[i]) / 2);
    enclosure.gradient(mid, mid, g); // bounds of rounding alone
    if (meanValueExcludes(own, mid, g, h)) return undefined;
    if (inverse === undefined) return { box: own, unique: false };
    const image = krawczyk(box, mid, g, h, inverse);
    let inside = true;
    for (let i = 0; i < dims; i++) {
      if (image.lo[i] > own.hi[i] || image.hi[i] < own.lo[i]) return undefined;
      if (!(image.lo[i] > box.lo[i] && image.hi[i] < box.hi[i])) inside = false;
    }
    if (inside) return { box: image, unique: true };
    const next = bounds(dims);
    let shrinks = false;
    for (let i = 0; i < dims; i++) {
      next.lo[i] = image.lo[i] > own.lo[i] ? image.lo[i] : own.lo[i];
      next.hi[i] = image.hi[i] < own.hi[i] ? image.hi[i] : own.hi[i];
      if (next.hi[i] - next.lo[i] < SHRINKS * (own.hi[i] - own.lo[i])) shrinks = true;
    }
    own = next;
    if (!shrinks) return { box: own, unique: false };
  }
}

const wider = ({ lo, hi }: Bounds): Bounds => ({
  lo: lo.map((from, i) => from - WIDER * (hi[i] - from)),
  hi: hi.map((to, i) => to + WIDER * (to - lo[i])),
});

/** Whether g(m) + H (X - m), which bounds the gradient over X too, leaves out 0. */
function meanValueExcludes({ lo, hi }: Bounds, mid: Float64Array, g: Bounds, h: Bounds): boolean {
  const dims = mid.length;
  for (let i = 0; i < dims; i++) {
    let low = g.lo[i];
    let high = g.hi[i];
    for (let j = 0; j < dims; j++) {
      interval.multiply(h.lo[i * dims + j], h.hi[i * dims + j], lo[j] - mid[j], hi[j] - mid[j]);
      interval.add(low, high, interval.lo, interval.hi);
      low = interval.lo;
      high = interval.hi;
    }
    if (low > 0 || high < 0) return true;
  }
  return false;
}

function krawczyk({ lo, hi }: Bounds, mid: Float64Array, g: Bounds, h: Bounds, inverse: Float64Array): Bounds {
  const dims = mid.length;
  const image = bounds(dims);
  for (let i = 0; i < dims; i++) {
    let low = mid[i];
    let high = mid[i];
    const gather = (): void => {
      interval.add(low, high, interval.lo, interval.hi);
      low = interval.lo;
      high = interval.hi;
    };
    for (let j = 0; j < dims; j++) {
      interval.scale(g.lo[j], g.hi[j], -inverse[i * dims + j]);
      gather();
      // (1 - Y H)ᵢⱼ
      let from = i === j ? 1 : 0;
      let to = from;
      for (let k = 0; k < dims; k++) {
        interval.scale(h.lo[k * dims + j], h.hi[k * dims + j], -inverse[i * dims + k]);
        interval.add(from, to, interval.lo, interval.hi);
        from = interval.lo;
        to = interval.hi;
      }
      interval.multiply(from, to, lo[j] - mid[j], hi[j] - mid[j]);
      gather();
    }
    image.lo[i] = low;
    image.hi[i] = high;
  }
  return image;
}

/** The inverse of the middle of a matrix of intervals, by Gauss and Jordan; undefined if it is singular or unbounded. */
function inverseOfMiddle(h: Bounds, dims: number): Float64Array | undefined {
  const a = Float64Array.from(h.lo, (from, i) => (from + h.hi[i]) / 2);
  const inverse = new Float64Array(dims * dims);
  for (let i = 0; i < dims; i++) inverse[i * dims + i] = 1;
  for (let c = 0; c < dims; c++) {
    let pivot = c;
    for (let r = c + 1; r < dims; r++) if (Math.abs(a[r * dims + c]) > Math.abs(a[pivot * dims + c])) pivot = r;
    const lead = a[pivot * dims + c];
    if (!(Math.abs(lead) > 0 && Math.abs(lead) < Number.POSITIVE_INFINITY)) return undefined;
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
  return inverse.every(Number.isFinite) ? inverse : undefined;
}

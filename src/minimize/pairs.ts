/** The last pairs of changes (of the point, of the gradient) that L-BFGS has its idea of curvature from. */
import { dot } from "./result.js";

export class Pairs {
  /** How many there are. */
  count = 0;
  readonly #s: Float64Array[] = [];
  readonly #y: Float64Array[] = [];
  /** 1 / y·s of each. */
  readonly #rho: number[] = [];
  readonly #alpha: number[] = [];
  readonly #size: number;
  /** Where the next pair goes: in a ring, over the oldest. */
  #next = 0;
  /** y·s / y·y of the newest: the size of the inverse Hessian before the first pair. */
  #scale = 1;

  constructor(size: number) {
    this.#size = size;
  }

  clear(): void {
    this.count = 0;
    this.#next = 0;
    this.#scale = 1;
  }

  /** Takes a pair in, s = x - x₀ and y = g - g₀; one without curvature above rounding is left out. */
  add(x: Float64Array, x0: Float64Array, g: Float64Array, g0: Float64Array): void {
    const n = x.length;
    const k = this.#next;
    this.#s[k] ??= new Float64Array(n);
    this.#y[k] ??= new Float64Array(n);
    const s = this.#s[k];
    const y = this.#y[k];
    // The slot of the oldest pair, which is gone if the new one is left out. L-BFGS-B leaves out by the same rule.
    if (this.count === this.#size) this.count--;
    for (let i = 0; i < n; i++) {
      s[i] = x[i] - x0[i];
      y[i] = g[i] - g0[i];
    }
    const curvature = dot(y, s);
    const square = dot(y, y);
    if (!(curvature > Number.EPSILON * square)) return;
    this.#rho[k] = 1 / curvature;
    this.#scale = curvature / square;
    this.#next = (k + 1) % this.#size;
    this.count++;
  }

  /** d = -H g by the two-loop recursion: Nocedal & Wright, Numerical optimization, algorithm 7.4. */
  direction(g: Float64Array, d: Float64Array): void {
    const n = g.length;
    for (let i = 0; i < n; i++) d[i] = -g[i];
    for (let back = 1; back <= this.count; back++) {
      const k = (this.#next - back + this.#size) % this.#size;
      const y = this.#y[k];
      const alpha = this.#rho[k] * dot(this.#s[k], d);
      this.#alpha[k] = alpha;
      for (let i = 0; i < n; i++) d[i] -= alpha * y[i];
    }
    for (let i = 0; i < n; i++) d[i] *= this.#scale;
    for (let back = this.count; back >= 1; back--) {
      const k = (this.#next - back + this.#size) % this.#size;
      const s = this.#s[k];
      const weight = this.#alpha[k] - this.#rho[k] * dot(this.#y[k], d);
      for (let i = 0; i < n; i++) d[i] += weight * s[i];
    }
  }
}

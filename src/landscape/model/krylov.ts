import { rangeError } from "../../check.js";
import { implicitQL } from "../../linalg/eigen.js";

/** Writes A v to `into`, for a symmetric matrix A [n, n] that need not be there itself. */
export type Multiply = (v: Float64Array, into: Float64Array) => void;

/** Eigenvalues of A on a Krylov space, the greatest first. */
export interface Ritz {
  readonly values: readonly number[];
  /** ‖A x − θ x‖ for each of them, by the recurrence. */
  readonly residuals: readonly number[];
  /** Unit vectors in the basis of the space. */
  readonly weights: readonly Float64Array[];
}

/**
 * The space of v, Av, A²v … orthogonal to given vectors, one dimension a step: the method of Lanczos (Journal of research of
 * the National Bureau of Standards 45, 1950), in f64, with every new vector made orthogonal to all before it, twice
 * (Parlett, The symmetric eigenvalue problem, 1980, 6.9). Without that, rounding brings copies of eigenvalues that are not
 * there. A step keeps n numbers.
 */
export class Krylov {
  readonly #multiply: Multiply;
  readonly #apart: readonly Float64Array[];
  readonly #basis: Float64Array[] = [];
  readonly #diagonal: number[] = [];
  readonly #beside: number[] = [];
  #next: Float64Array | undefined;
  #scale: number;

  /**
   * @param start where it begins; overwritten
   * @param apart orthonormal vectors, to which the space stays orthogonal
   * @param scale what is known of ‖A‖ from below
   */
  constructor(multiply: Multiply, start: Float64Array, apart: readonly Float64Array[], scale: number) {
    this.#multiply = multiply;
    this.#apart = apart;
    this.#scale = scale;
    this.#remove(start);
    const length = norm(start);
    if (length > 0) this.#next = scaled(start, 1 / length);
  }

  get size(): number {
    return this.#basis.length;
  }
  /** Whether A maps the space into itself, so that its Ritz pairs are eigenpairs. */
  get closed(): boolean {
    return this.#next === undefined;
  }

  /** Adds a dimension. `rounding`: the error of a product relative to ‖A‖, below which nothing is left of one. */
  step(rounding: number): void {
    const q = this.#next!;
    const w = new Float64Array(q.length);
    this.#multiply(q, w);
    const along = dot(q, w);
    this.#basis.push(q);
    this.#diagonal.push(along);
    this.#remove(w);
    const rest = norm(w);
    if (!Number.isFinite(along + rest))
      throw rangeError("model", "finite second derivatives at these parameters", along + rest);
    this.#scale = Math.max(this.#scale, Math.abs(along), rest); // neither exceeds ‖A‖
    this.#beside.push(rest);
    const whole = this.#basis.length + this.#apart.length >= q.length;
    this.#next = whole || rest <= rounding * this.#scale ? undefined : scaled(w, 1 / rest);
  }

  ritz(): Ritz {
    const m = this.size;
    const values = Float64Array.from(this.#diagonal);
    const rows = new Float64Array(m * m);
    for (let i = 0; i < m; i++) rows[i * m + i] = 1;
    if (!implicitQL(m, values, Float64Array.from(this.#beside), rows))
      throw rangeError("model", "a Hessian whose eigenvalues can be told apart in f64", values);
    const order = Array.from(values.keys()).sort((i, j) => values[j] - values[i]);
    const rest = this.closed ? 0 : this.#beside[m - 1];
    return {
      values: order.map((i) => values[i]),
      residuals: order.map((i) => rest * Math.abs(rows[i * m + m - 1])),
      weights: order.map((i) => rows.slice(i * m, i * m + m)),
    };
  }

  /** The unit vector of n numbers that these weights make of the basis. */
  vector(weights: Float64Array): Float64Array {
    const x = new Float64Array(this.#basis[0].length);
    for (const [k, q] of this.#basis.entries()) subtract(x, q, -weights[k]);
    return scaled(x, 1 / norm(x));
  }

  #remove(w: Float64Array): void {
    for (let pass = 0; pass < 2; pass++) {
      for (const q of this.#apart) subtract(w, q, dot(q, w));
      for (const q of this.#basis) subtract(w, q, dot(q, w));
    }
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

/** a −= by · b. */
function subtract(a: Float64Array, b: Float64Array, by: number): void {
  for (let i = 0; i < a.length; i++) a[i] -= by * b[i];
}

function scaled(a: Float64Array, by: number): Float64Array {
  for (let i = 0; i < a.length; i++) a[i] *= by;
  return a;
}

/**
 * The arithmetic that the straight evaluations of update rules are written in: in f64, or in f32 with every result rounded.
 * Scalars are f64 and are rounded where they meet an element, as in libraries that keep hyperparameters in f64.
 */
export interface Arithmetic {
  add(...terms: number[]): number;
  sub(a: number, b: number): number;
  mul(...factors: number[]): number;
  div(a: number, b: number): number;
  sqrt(a: number): number;
  cbrt(a: number): number;
  round(a: number): number;
}

const of = (round: (x: number) => number): Arithmetic => ({
  add: (...terms) => terms.map(round).reduce((a, b) => round(a + b)),
  sub: (a, b) => round(round(a) - round(b)),
  mul: (...factors) => factors.map(round).reduce((a, b) => round(a * b)),
  div: (a, b) => round(round(a) / round(b)),
  sqrt: (a) => round(Math.sqrt(round(a))),
  cbrt: (a) => round(Math.cbrt(round(a))),
  round,
});

export const f64 = of((x) => x);
export const f32 = of(Math.fround);

export type Vector = readonly number[];

/** A rule at its defaults: from the parameters [2, 2] at the start, a function from gradients to the next parameters. */
export type Straight = (a: Arithmetic, start: Vector) => (g: Vector) => Vector;

/** A rule for a single element, `t` = 1, 2 … the step. */
export type ElementRule = (a: Arithmetic, start: number) => (g: number, t: number) => number;

/** A rule that treats every element alike. */
export const each =
  (rule: ElementRule): Straight =>
  (a, start) => {
    let t = 0;
    const elements = start.map((theta) => rule(a, theta));
    return (g) => {
      t++;
      return elements.map((next, i) => next(a.round(g[i]), t));
    };
  };

/** ⟨x, y⟩, in order. */
export const dot = (a: Arithmetic, x: Vector, y: Vector): number =>
  x.reduce((sum, value, i) => a.add(sum, a.mul(value, y[i])), 0);
export const norm = (a: Arithmetic, x: Vector): number => a.sqrt(dot(a, x, x));

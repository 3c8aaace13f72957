/**
 * A formula as a list of operations, recorded once. Numbers and intervals go through the same list, with first and second
 * derivatives (evaluate.ts, enclose.ts), so that a surface is written down in one place.
 */

/** Operations, by the numbers that a {@link Graph} holds. */
export const Op = {
  variable: 0,
  add: 1,
  subtract: 2,
  multiply: 3,
  /** a + constant. */
  shift: 4,
  /** a · constant. */
  scale: 5,
  square: 6,
  sin: 7,
  cos: 8,
  /** sin πa and cos πa. */
  sinPi: 9,
  cosPi: 10,
  exp: 11,
  sqrt: 12,
} as const;

/** Operations in an order in which each comes after those it takes; the first `dims` are the variables, the last is f. */
export interface Graph {
  readonly dims: number;
  readonly size: number;
  readonly op: Uint8Array;
  /** The operands, as positions in the list. */
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly constant: Float64Array;
}

interface Step {
  op: number;
  a: number;
  b: number;
  constant: number;
}

/** A quantity of a formula. Powers are squares and products, which have the same bits on every host. */
export class Expression {
  readonly #steps: Step[];
  readonly #at: number;
  constructor(steps: Step[], at: number) {
    this.#steps = steps;
    this.#at = at;
  }
  plus(other: Expression | number): Expression {
    return typeof other === "number" ? this.#next(Op.shift, 0, other) : this.#next(Op.add, other.#at);
  }
  minus(other: Expression | number): Expression {
    return typeof other === "number" ? this.#next(Op.shift, 0, -other) : this.#next(Op.subtract, other.#at);
  }
  times(other: Expression | number): Expression {
    return typeof other === "number" ? this.#next(Op.scale, 0, other) : this.#next(Op.multiply, other.#at);
  }
  square(): Expression {
    return this.#next(Op.square);
  }
  sin(): Expression {
    return this.#next(Op.sin);
  }
  cos(): Expression {
    return this.#next(Op.cos);
  }
  /** sin πx: exact at whole and half numbers. */
  sinPi(): Expression {
    return this.#next(Op.sinPi);
  }
  /** cos πx. */
  cosPi(): Expression {
    return this.#next(Op.cosPi);
  }
  exp(): Expression {
    return this.#next(Op.exp);
  }
  /** The root. At 0 it has a cusp: the derivative counts as 0 there, and there is no second one. */
  sqrt(): Expression {
    return this.#next(Op.sqrt);
  }
  #next(op: number, b = 0, constant = 0): Expression {
    this.#steps.push({ op, a: this.#at, b, constant });
    return new Expression(this.#steps, this.#steps.length - 1);
  }
}

/** The sum of at least one quantity, from the first on. */
export const sum = (terms: readonly Expression[]): Expression => terms.reduce((total, term) => total.plus(term));

/** A function of the variables, written with the methods of {@link Expression}. */
export type Formula = (x: readonly Expression[]) => Expression;

/** Records a formula in so many variables. */
export function record(dims: number, formula: Formula): Graph {
  const steps: Step[] = Array.from({ length: dims }, (_, a) => ({ op: Op.variable, a, b: 0, constant: 0 }));
  formula(steps.map((_, at) => new Expression(steps, at)).slice(0, dims));
  return {
    dims,
    size: steps.length,
    op: Uint8Array.from(steps, ({ op }) => op),
    a: Int32Array.from(steps, ({ a }) => a),
    b: Int32Array.from(steps, ({ b }) => b),
    constant: Float64Array.from(steps, ({ constant }) => constant),
  };
}

/** Words of SciPy's minimize, and of optimizers, in place of those here: refused with the word that is meant. */
import { describe, expect, it } from "vitest";
import { accumulate, lookahead, sam } from "../../src/index.js";
import { minimize } from "../../src/minimize/index.js";

const f = ([a, b]: Float64Array): number => (a! - 1) ** 2 + (b! + 2) ** 2;

describe("an option by SciPy's name", () => {
  it.each([
    ["tol", "gradientTolerance"],
    ["gtol", "gradientTolerance"],
    ["ftol", "valueTolerance"],
    ["xtol", "stepTolerance"],
    ["maxiter", "maxSteps"],
    ["maxIter", "maxSteps"],
    ["maxfun", "maxEvaluations"],
    ["maxfev", "maxEvaluations"],
    ["callback", "onStep, which returns false to end"],
    ["jac", "f that returns { value, gradient }"],
    ["maxcor", "hyper: { historySize }"],
    ["lr", "hyper: { lr }, with an optimizer as method"],
    ["options", "the options themselves, without options around them"],
    ["args", "f that closes over its arguments: (x) => f(x, …)"],
  ])("%s", (name, meant) => {
    expect(() => minimize(f, [0, 0], { [name]: 1 } as never)).toThrow(
      new RangeError(`options: expected an option of minimize, got "${name}"; did you mean ${meant}?`),
    );
  });

  it("is none where nothing is near: all are listed", () => {
    expect(() => minimize(f, [0, 0], { constraints: [] } as never)).toThrow(
      /^options: expected options among method, hyper, .*, got "constraints"$/,
    );
  });
});

it.each([
  ["L-BFGS-B", '; did you mean "lbfgs"?'],
  ["LBFGS", '; did you mean "lbfgs"?'],
  ["Nelder-Mead", ""],
  ["adam", ""],
])("method %s", (method, meant) => {
  const message = `method: expected "lbfgs" or an optimizer itself, such as adam, imported from "thalweg", got "${method}"${meant}`;
  expect(() => minimize(f, [0, 0], { method: method as never })).toThrow(new RangeError(message));
});

it.each(Object.entries({ sam, lookahead, accumulate }))(
  "%s, which is around an optimizer, is told so",
  (name, method) => {
    expect(() => minimize(f, [0, 0], { method: method as never })).toThrow(
      `method: expected an optimizer that steps by the gradient of a vector, got ${name}, which takes an optimizer: (params) => ${name}(sgd(params`,
    );
  },
);

/** How the rules of the table compare with their formulas in f64 and in f32, on gradients out to the ends of f32. */
import type { Engine } from "../../../src/engine/engine.js";
import { type AnyFactory, driven } from "../options.js";
import { type Arithmetic, f32, f64, type Straight, type Vector } from "./arithmetic.js";
import { straight } from "./index.js";

/** The gradient [2, 2] of step t = 1, 2 … */
export type Gradients = (t: number) => Vector;

const SIZES = ["0.0", "1e-45", "1e-42", "1e-30", "1e-25", "1e-19", "1e0", "1e19", "1e25", "1e30", "3e38"];
const PEAKS = ["1e19", "1e25", "1e30", "3e38"];

/** Gradients that never change, that mix sizes, that turn round at every step, and of 1 with one much larger at step 50. */
export const gradients: Readonly<Record<string, Gradients>> = {
  ...Object.fromEntries(SIZES.map((size): [string, Gradients] => [size, () => [+size, -size, +size, +size / 2]])),
  "2e19, 1, 0": () => [2e19, 1e19, 1, 0],
  "1e30 to 1e-30": () => [1e30, 1, 1e-30, 0],
  "3e38 to 1e-42": () => [3e38, -1e25, 1e-42, 1e-19],
  "±1e30": (t) => (t % 2 === 0 ? [1e30, -1e30, 1, 1e30] : [-1e30, 1e30, -1, 1e30]),
  "±3e38": (t) => (t % 2 === 0 ? [3e38, -3e38, 1, 3e38] : [-3e38, 3e38, -1, 3e38]),
  ...Object.fromEntries(
    PEAKS.map((peak): [string, Gradients] => [
      `1, once ${peak}`,
      (t) => (t === 50 ? [+peak, -peak, 1, 1] : [1, -1, 1, 0.5]),
    ]),
  ),
};

const START: Vector = [1, -2, 0, 3];
const STEPS = 100;
type Path = readonly Vector[];

/** The parameters after each of 100 steps of a formula, as f32. */
function formulaPath(rule: Straight, arithmetic: Arithmetic, at: Gradients): Path {
  const next = rule(arithmetic, START);
  return Array.from({ length: STEPS }, (_, t) => next(at(t + 1).map(Math.fround)).map(Math.fround));
}

/** A formula's paths in f64 and in f32: worked out once for all backends. */
const formulas = new Map<string, { exact: Path; single: Path }>();
function formulaOf(name: string, title: string): { exact: Path; single: Path } {
  const key = `${name}, ${title}`;
  let found = formulas.get(key);
  if (!found) {
    const rule = straight[name];
    if (!rule) throw new Error(`test/support/straight has no formula of ${name}`);
    const at = gradients[title];
    found = { exact: formulaPath(rule, f64, at), single: formulaPath(rule, f32, at) };
    formulas.set(key, found);
  }
  return found;
}

/** The parameters after each of 100 steps of a rule of the table. */
function ownPath(engine: Engine, factory: AnyFactory, at: Gradients): Path {
  using p = engine.tensor([2, 2], START);
  const opt = factory([p]);
  const path = Array.from({ length: STEPS }, (_, t) => {
    const closure = () => {
      p.grad.set(at(t + 1));
      return 1;
    };
    if (opt.needsClosure) opt.step(closure);
    else {
      closure();
      opt.step();
    }
    return [...p.data];
  });
  opt.dispose();
  return path;
}

/**
 * How a path compares with the formula: near its f64 evaluation; near its f32 evaluation where the two differ; between or
 * about them; finite where the f32 evaluation is not; not finite either; or worse than it.
 */
export type Verdict = "f64" | "f32" | "between" | "finite" | "overflow" | "worse";

/** A number counts as near the formula's within this share of how far that has come, or of where it started. */
const NEAR = 1e-4;
/** Averages below 2^-100 are set to 0 now and then, which no parameter shows by more than this. */
const FLOOR = 1e-20;

const isFinitePath = (path: Path): boolean => path.every((vector) => vector.every(Number.isFinite));

function verdictOf(own: Path, { exact, single }: { exact: Path; single: Path }): Verdict {
  const found = { f64: true, f32: true, worse: false };
  for (const i of START.keys()) {
    const reach = { exact: Math.abs(START[i]), single: Math.abs(START[i]) };
    for (const [t, { [i]: x }] of own.entries()) {
      const [e, s] = [exact[t][i], single[t][i]];
      reach.exact = Math.max(reach.exact, Math.abs(e - START[i]));
      reach.single = Math.max(reach.single, Math.abs(s - START[i]));
      const nearExact = Math.abs(x - e) <= NEAR * reach.exact + FLOOR;
      const nearSingle = Math.abs(x - s) <= NEAR * reach.single + FLOOR;
      if (!nearExact) found.f64 = false;
      if (!nearExact && !nearSingle) found.f32 = false;
      if (nearExact || nearSingle || !Number.isFinite(s)) continue;
      // Where rounding alone has carried the f32 formula away, no other rounding lands near it.
      if (!(Math.abs(x - e) <= 2 * Math.abs(s - e))) found.worse = true;
    }
  }
  if (found.worse) return "worse";
  if (!isFinitePath(own)) return "overflow";
  if (found.f64) return "f64";
  if (!isFinitePath(single)) return "finite";
  return found.f32 ? "f32" : "between";
}

/** What becomes of every rule, at its defaults, on each of the gradients. */
export function verdicts(engine: Engine): Record<string, Record<string, Verdict>> {
  return Object.fromEntries(
    driven.map(([name, factory]) => [
      name,
      Object.fromEntries(
        Object.entries(gradients).map(([title, at]) => [
          title,
          verdictOf(ownPath(engine, factory, at), formulaOf(name, title)),
        ]),
      ),
    ]),
  );
}

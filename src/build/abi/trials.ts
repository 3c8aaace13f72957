/** Which kernels each optimizer calls, with which options, slots and scalars: seen in a few steps on the js backend. */
import type { Ref } from "../../engine/backend.js";
import { createEngine } from "../../engine/create.js";
import type { Operands, Rule, StepContext, Trials } from "../../optim/core/rule.js";
import { optimizers } from "../../optim/table.js";

type Hyper = Record<string, unknown>;
export type AnyRule = Rule<Hyper, object>;
type Context = StepContext<Hyper, object>;

/** A call of an update kernel in a step. */
export interface Seen {
  options: Hyper;
  t: number;
  /** The names of the slots that it got, and how many arrays came after them. */
  slots: string[];
  scalars: Float32Array;
}

interface AnyOptimizer {
  step(closure: () => number): void;
  eval?(): void;
  updateHessian?(tensors: readonly object[], diagonals: readonly object[]): void;
}
type AnyFactory = ((params: readonly object[], options: Hyper) => AnyOptimizer) & { rule: AnyRule };

/** Enough to leave every warm-up of the option sets. */
const STEPS = 8;
/** The step that an example is taken from, where the kernel runs at it: later than the first, which is often special. */
const EXAMPLE = 3;

export const rules = (): [string, AnyRule][] =>
  (Object.entries(optimizers) as unknown as [string, AnyFactory][]).map(([name, { rule }]) => [name, rule]);

/** What a slot holds before the first step: a number, an option ("h.lr"), the parameters ("p"), or something else (null). */
export type Starts = Record<string, number | string | null>;

/** By kernel, the call to show; the option set with the fewest options that reaches it. And what slots start with. */
export async function callsOf(name: string): Promise<{ calls: Map<string, Seen>; starts: Starts }> {
  const factory = (optimizers as unknown as Record<string, AnyFactory>)[name];
  const { trials } = (await import(`../../optim/${name}.js`)) as { trials: Trials<Hyper> };
  const calls = new Map<string, Seen>();
  const starts: Starts = {};
  const sets = Object.values(trials.variants).sort((a, b) => Object.keys(a).length - Object.keys(b).length);
  for (const options of [{}, ...sets]) {
    const run = await runWith(factory, options as Hyper);
    for (const [kernel, seen] of run.calls) if (!calls.has(kernel)) calls.set(kernel, seen);
    // An option may fill what is 0 without it.
    for (const [slot, start] of Object.entries(run.starts))
      if (!(slot in starts) || `${start}`.startsWith("h.")) starts[slot] = start;
  }
  return { calls, starts };
}

async function runWith(factory: AnyFactory, options: Hyper): Promise<{ calls: Map<string, Seen>; starts: Starts }> {
  using engine = await createEngine({ backend: "js" });
  const calls = new Map<string, Seen>();
  const starts: Starts = {};
  const { rule } = factory;
  let t = 0;
  // A rule without a step of its own gives its kernels the first slots, in the order that it declares them in.
  let passed = (): string[] => Object.keys(rule.slots({ ...rule.hyper, ...options }, [4, 4]));
  const { implementation } = engine;
  const make = implementation.update.bind(implementation);
  implementation.update = (kernel, twin, binaries) => {
    const update = make(kernel, twin, binaries);
    return (n, p, g, slots, count, scalars) => {
      const known = calls.get(kernel);
      // The first kernel to take a slot sees it as it starts.
      for (const [i, slot] of passed().slice(0, slots.length).entries())
        if (t === 1 && !(slot in starts)) starts[slot] = startOf(slots[i], p, n, { ...rule.hyper, ...options });
      if (!known || (known.t < EXAMPLE && t <= EXAMPLE))
        calls.set(kernel, { options, t, slots: passed().slice(0, count), scalars: scalars.slice() });
      update(n, p, g, slots, count, scalars);
    };
  };
  const watched = <C extends StepContext<Hyper, object>>(c: C): C =>
    new Proxy(c, {
      get(target, key) {
        const value = Reflect.get(target, key, target);
        if (key !== "run") return typeof value === "function" ? value.bind(target) : value;
        return (kernel: string, scalars: readonly number[], member?: Operands, extra?: readonly never[]) => {
          passed = () => Object.keys((member ?? c.tensors[0]).slots);
          target.run(kernel, scalars, member, extra);
        };
      },
    });
  const { step, stepAll } = Object.getOwnPropertyDescriptors(rule);
  if (step) {
    const value = (c: Context) => step.value!.call(rule, watched(c));
    Object.defineProperty(rule, "step", { ...step, value });
  }
  if (stepAll) {
    const value = (groups: readonly Context[]) => stepAll.value!.call(rule, groups.map(watched));
    Object.defineProperty(rule, "stepAll", { ...stepAll, value });
  }
  try {
    const matrix = engine.tensor([4, 4], sequence(16, 0.1));
    const tensors = rule.checkShape ? [matrix] : [matrix, engine.tensor([5], sequence(5, 0.2))];
    const opt = factory(tensors, options);
    const diagonals = tensors.map(({ shape, size }) => engine.tensor(shape, sequence(size, 0.3)));
    for (t = 1; t <= STEPS; t++) {
      for (const { grad, size } of tensors) grad.set(sequence(size, 0.01 * t));
      opt.updateHessian?.(tensors, diagonals);
      opt.step(() => 1 / t);
    }
    opt.eval?.();
  } finally {
    if (step) Object.defineProperty(rule, "step", step);
    if (stepAll) Object.defineProperty(rule, "stepAll", stepAll);
  }
  return { calls, starts };
}

function startOf(slot: Ref, p: Ref, n: number, h: Hyper): number | string | null {
  const values = (slot as Float32Array).subarray(0, n);
  const [first] = values;
  if (values.every((x) => x === first)) {
    const options = Object.keys(h).filter((key) => typeof h[key] === "number" && Math.fround(h[key]) === first);
    // Several may have this value: one that says so is meant.
    const option = options.find((key) => key.startsWith("initial")) ?? options[0];
    return first !== 0 && option ? `h.${option}` : first;
  }
  return values.every((x, i) => x === (p as Float32Array)[i]) ? "p" : null;
}

/** Numbers of either sign, none of them 0. */
const sequence = (length: number, scale: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => scale * (((i * 7) % 11) - 5.5));

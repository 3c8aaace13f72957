/** What a closure or a schedule may do to the step that called it: nothing half-done, and a clear error for all that would. */
import { describe, expect, it } from "vitest";
import * as t from "../../src/index.js";
import { backends } from "../support/backends.js";
import { uniform } from "../support/numbers.js";
import { plain, same, values } from "../support/outOfMemory.js";

// biome-ignore lint/suspicious/noExplicitAny: any rule
type AnyOptimizer = t.Optimizer<any, any>;
const MESSAGE = /^[a-zA-Z]+: expected this call after the step, got it in its closure or schedule$/;

const makers: Record<string, (p: readonly t.Tensor[], lr: number | t.Schedule) => AnyOptimizer> = {
  adamw: (p, lr) => t.adamw(p, { lr }),
  nag: (p, lr) => t.nag(p, { lr }),
  scheduleFreeSgd: (p, lr) => t.scheduleFreeSgd(p, { lr }),
  lookahead: (p, lr) => t.lookahead(t.adamw(p, { lr }), { k: 2 }),
  sam: (p, lr) => t.sam(t.adamw(p, { lr })),
  accumulate: (p, lr) => t.accumulate(t.adamw(p, { lr }), 1),
  "lookahead of sam": (p, lr) => t.lookahead(t.sam(t.adamw(p, { lr })), { k: 2 }),
};

interface Scene {
  engine: t.Engine;
  model: t.Model;
  opt: AnyOptimizer;
  own: t.Tensor;
  other: t.Tensor;
  averages: ReturnType<typeof t.ema>;
  saved: ReturnType<AnyOptimizer["stateDict"]>;
}
const refused: Record<string, (s: Scene) => unknown> = {
  "a step": ({ opt }) => opt.step(() => 0),
  "a state to load": ({ opt, saved }) => opt.loadStateDict(saved),
  "a state to save": ({ opt }) => opt.stateDict(),
  "another group": ({ opt, other }) => opt.addParamGroup({ params: [other] }),
  "a learning rate": ({ opt }) => Object.assign(opt.groups[0], { lr: 0.5 }),
  "the point of evaluation": ({ opt }) => opt.eval(),
  "its own disposal": ({ opt }) => opt.dispose(),
  "a parameter's disposal": ({ own }) => own.dispose(),
  "the model's disposal": ({ model }) => model.dispose(),
  "the engine's disposal": ({ engine }) => engine.dispose(),
  "an average's update": ({ averages }) => averages.update(),
  "an average swapped in": ({ averages }) => averages.swapIn(),
};
const allowed: Record<string, (s: Scene) => unknown> = {
  "zeros in gradients that are zeros": ({ opt }) => opt.zeroGrad(),
  "a look at the state": ({ opt, own }) => opt.state(own),
  "another tensor's disposal": ({ engine }) => engine.tensor(3).dispose(),
  "a frozen parameter, thawed again": ({ own }) => {
    own.requiresGrad = false;
    own.requiresGrad = true;
  },
  "a prediction": ({ model }) => t.predict(model, [[1, 2, 3]]),
  "the step of another optimizer": ({ engine }) => {
    using other = t.nag([engine.tensor(3)]);
    other.step(() => 0);
  },
};

describe.each(backends)("$name", (backend) => {
  /** Two steps, the second with something done in its closure, or in its schedule. */
  async function run(make: (typeof makers)[string], act?: (s: Scene) => unknown, inSchedule = false) {
    const engine = await backend.create();
    const model = t.sequential(engine, [t.dense(3, 2)], { seed: 1 });
    const own = engine.tensor(5, uniform(5, 1));
    const params = [...model.parameters(), own];
    for (const [i, p] of params.entries()) p.grad.set(uniform(p.size, i));
    let now: (() => unknown) | undefined;
    const opt = make(params, (step) => {
      if (inSchedule) now?.();
      return 0.1 / (1 + step);
    });
    opt.step(() => 0);
    opt.step(() => 0);
    const averages = t.ema(params);
    const scene: Scene = { engine, model, opt, own, other: engine.tensor(3), averages, saved: opt.stateDict() };
    const all = () => [values(params), opt.stateDict(), averages.stateDict(), engine.bytesInUse];
    const before = plain(all());
    let error: unknown;
    now = act && (() => act(scene));
    try {
      opt.step(() => {
        if (!inSchedule) now?.();
        return 0;
      });
    } catch (thrown) {
      error = thrown;
    }
    now = undefined;
    return { scene, all, before, error };
  }

  it.each(
    Object.entries(makers).flatMap(([name, make]) =>
      Object.entries(refused).flatMap(([what, act]) =>
        [false, true].map((inSchedule) => ({ name, make, what, act, inSchedule })),
      ),
    ),
  )("$name refuses $what (in its schedule: $inSchedule), and nothing has changed", async (row) => {
    const { scene, all, before, error } = await run(row.make, row.act, row.inSchedule);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(MESSAGE);
    if (row.name === "nag" && !row.inSchedule) {
      // Its way to the look-ahead point and back rounds twice.
      const [now, then] = [plain(all()), before].map(({ arrays }) => arrays.flatMap((array) => [...array]));
      for (const [i, x] of now.entries()) expect(Math.abs(x - then[i])).toBeLessThanOrEqual(2 ** -22);
      return;
    }
    same(plain(all()), before, row.what);
    const { all: other } = await run(row.make);
    scene.opt.step(() => 0);
    same(plain(all()), plain(other()), "the step taken again");
    row.act(scene); // after the step, it is what it always was
    scene.opt.dispose();
    scene.engine.dispose();
  });

  it.each(
    Object.entries(makers).flatMap(([name, make]) =>
      Object.entries(allowed).map(([what, act]) => ({ name, make, what, act })),
    ),
  )("$name allows $what", async (row) => {
    // A look at gradients that are zeros already: what zeroGrad does must not show.
    const zeroed = (s: Scene) => void s.opt.zeroGrad();
    const acts = [row.act === allowed["zeros in gradients that are zeros"] ? zeroed : undefined, row.act];
    const [alone, found] = await Promise.all(acts.map((act) => run(row.make, act)));
    expect(found.error).toBeUndefined();
    if (row.what === "a prediction") return; // its buffers stay
    const parts = (of: typeof alone) => plain(of.all().slice(0, 3));
    same(parts(found), parts(alone), row.what);
  });
});

it("a step begun in the closure of another optimizer guards the outer one too", async () => {
  using engine = await t.createEngine();
  const [a, b] = [engine.tensor(3, [1, 2, 3]), engine.tensor(3, [1, 2, 3])];
  const [outer, inner] = [t.nag([a]), t.nag([b])];
  const deep = (act: () => void) => () =>
    outer.step(() => {
      inner.step(() => {
        act();
        return 0;
      });
      return 0;
    });
  expect(deep(() => outer.dispose())).toThrow(/^nag: expected this call after the step/);
  expect(deep(() => a.dispose())).toThrow(/^tensor: expected this call after the step/);
  expect(engine.stepping).toBeUndefined();
  expect([...a.data]).toEqual([1, 2, 3]);
});

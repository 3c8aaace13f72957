/** Schedules that are fed a metric are part of the state of the optimizer that they drive. */
import { describe, expect, it } from "vitest";
import {
  adam,
  dense,
  mse,
  type Schedule,
  schedules,
  sequential,
  sgd,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { backends } from "../support/backends.js";

const { cosine, join, product, reduceOnPlateau, warmup } = schedules;
const plateau = () => reduceOnPlateau(0.1, { patience: 0, gamma: 0.5 });
type Plateau = ReturnType<typeof plateau>;

describe.each(backends)("$name", ({ create }) => {
  const around: [string, (p: Plateau) => Schedule, at9: number][] = [
    ["itself", (p) => p, 0.025],
    ["warmup", (p) => warmup(4, p), 0.025],
    ["join", (p) => join([0.3, p, cosine(1, { steps: 3 })], [2, 20]), 0.025],
    ["product", (p) => product(warmup(2, p), 0.5), 0.0125],
  ];
  it.each(around)("%s: what it has seen is restored with the optimizer's state", async (_, made, at9) => {
    using engine = await create();
    const x = engine.tensor(2, [1, 2]);
    const told = plateau();
    const opt = sgd([x], { lr: made(told), momentum: 0.5 });
    for (const metric of [1, 2, 3]) told.step(metric); // two reductions
    const saved = structuredClone(opt.stateDict());
    const fresh = plateau();
    const lr = made(fresh);
    const other = sgd([engine.tensor(2)], { lr, momentum: 0.5 });
    other.loadStateDict(saved);
    expect(fresh.stateDict()).toEqual(told.stateDict());
    expect(lr(9)).toBe(at9);
    fresh.step(4);
    expect(saved).toEqual(opt.stateDict()); // a copy
  });

  it("finds it by group and hyperparameter, in a pair too", async () => {
    using engine = await create();
    const [a, b] = [engine.tensor(2), engine.tensor(2)];
    const [one, two] = [plateau(), plateau()];
    const opt = sgd(
      [
        { params: [a], lr: one },
        { params: [b], momentum: two },
      ],
      { lr: 0.1 },
    );
    one.step(1);
    two.step(2);
    expect(opt.stateDict()).toMatchObject({
      groups: [{ schedules: { lr: { best: 1 } } }, { schedules: { momentum: { best: 2 } } }],
    });
    const pair = adam([engine.tensor(2)], { betas: [0.9, plateau()] });
    expect(pair.stateDict()).toMatchObject({ groups: [{ schedules: { "betas[1]": { best: null } } }] });
    expect(sgd([engine.tensor(2)], { lr: cosine(1, { steps: 3 }) }).stateDict()).not.toMatchObject({
      groups: [{ schedules: expect.anything() }],
    });
  });

  it("is unchanged by a refused state, and by one without schedules", async () => {
    using engine = await create();
    const x = engine.tensor(2);
    const lr = plateau();
    const opt = sgd([x], { lr: product(lr, 1) });
    lr.step(1);
    const good = opt.stateDict();
    lr.step(2);
    const before = lr.stateDict();
    const [group] = good.groups;
    for (const schedules of [{ lr: [{ value: "1", best: 1, bad: 0, cooldown: 0 }] }, { lr: [] }, { lr: 1 }])
      expect(() => opt.loadStateDict({ ...good, groups: [{ ...group, schedules }] })).toThrow(/state/);
    expect(() => opt.loadStateDict({ ...good, groups: [{ ...group, steps: -1 }] })).toThrow(/steps/);
    expect(lr.stateDict()).toEqual(before);
    const { schedules: _, ...without } = group;
    opt.loadStateDict({ ...good, groups: [without] });
    expect(lr.stateDict()).toEqual(before);
  });

  it("resumes with the run, without further options", async () => {
    const run = async (o: Partial<TrainOptions>, stop = Number.POSITIVE_INFINITY) => {
      using engine = await create();
      using model = sequential(engine, [dense(1, 1)], { seed: 1 });
      const lr = reduceOnPlateau(0.3, { patience: 0, gamma: 0.5, threshold: 0.5 });
      const controller = new AbortController();
      let saved: Uint8Array | undefined;
      const rows = Array.from({ length: 9 }, (_, i) => [i / 9]);
      await train(
        model,
        { x: rows, y: rows },
        {
          ...{ optimizer: sgd(model.parameters(), { lr }), loss: mse, epochs: 6, batchSize: 3, ...o },
          checkpoint: { save: (bytes) => void (saved = bytes) },
          signal: controller.signal,
          onStep: ({ step }) => void (step === stop && controller.abort(new Error("killed"))),
          onEpoch: ({ loss }) => void lr.step(loss),
        },
      ).catch((error) => expect(error.message).toBe("killed"));
      return { saved, left: [lr.stateDict(), model.parameters().map((tensor) => tensor.toArray())] as const };
    };
    const whole = await run({});
    expect(whole.left[0].value).toBeLessThan(0.3);
    const { saved: resume } = await run({}, 13);
    expect((await run({ resume })).left).toEqual(whole.left);
  });
});

/** A run that is interrupted and resumed ends with the bits of one that is not. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adamw,
  dense,
  dropout,
  nadam,
  prodigy,
  readCheckpoint,
  relu,
  scheduleFreeAdamw,
  schedules,
  sequential,
  sgd,
  softmaxCrossEntropy,
  type TrainOptions,
  train,
} from "../../src/index.js";
import type { StateDict } from "../../src/optim/core/state.js";
import type { AnyOptimizer } from "../../src/train/options.js";
import { data, meanOf } from "../support/averaged.js";
import { backends } from "../support/backends.js";

const exact = backends.filter((backend) => backend.exact);

type Backend = (typeof backends)[number];
type Rule = "adamw" | "scheduleFree" | "sgd" | "nadam" | "prodigy";
interface Plan {
  rule: Rule;
  options: Partial<TrainOptions>;
  averaged: boolean;
  /** Layers are thawed one after another, and pause now and then: each parameter counts its own steps. */
  thawed?: boolean;
}

const EPOCHS = 4;

/** Runs a plan on a fresh model, from a checkpoint if there is one, up to step `stop`; returns everything it leaves. */
async function run(
  backend: Backend,
  { rule, options, averaged, thawed }: Plan,
  resume?: Uint8Array,
  stop = Number.POSITIVE_INFINITY,
) {
  using engine = await backend.create();
  // Another seed if it resumes: everything that matters must come from the checkpoint.
  using model = sequential(engine, [dense(3, 8), relu(), dropout(0.3), dense(8, 2)], { seed: resume ? 77 : 3 });
  // State that no optimizer has: it falls whenever the loss does not.
  const falling = schedules.reduceOnPlateau(0.03, { patience: 0, gamma: 0.7 });
  const params = model.parameters();
  const lr = schedules.cosine(0.05, { steps: 30 });
  const made: Record<Rule, () => AnyOptimizer> = {
    adamw: () =>
      adamw([{ params: [params[0]], lr: 0.02 }, { params: params.slice(1) }], { lr: falling, weightDecay: 0.1 }),
    scheduleFree: () => scheduleFreeAdamw(params, { lr: 0.02, warmupSteps: 3 }),
    sgd: () => sgd(params, { lr, momentum: 0.9 }),
    nadam: () => nadam(params, { lr: 0.01 }),
    prodigy: () => prodigy(params),
  };
  using optimizer = made[rule]();
  const thaw = (step: number): void => {
    for (const [i, p] of params.entries()) p.requiresGrad = !thawed || (step >= 2 * i && (step + i) % 7 !== 6);
  };
  thaw(resume ? (readCheckpoint(resume).state.optimizer as StateDict).stepCount : 0);
  const averages = averaged ? meanOf(model) : undefined;
  const controller = new AbortController();
  let saved: Uint8Array | undefined;
  const all: TrainOptions = {
    optimizer,
    loss: softmaxCrossEntropy,
    epochs: EPOCHS,
    batchSize: 4,
    seed: 11,
    ...options,
    stateful: { falling },
    ...(averages && { averages }),
    checkpoint: { every: { epochs: 1000 }, save: (bytes) => void (saved = bytes.slice()) },
    resume,
    signal: controller.signal,
    onStep: ({ step }) => {
      thaw(step);
      if (step >= stop) controller.abort(new Error("killed"));
    },
    onEpoch: ({ validation, loss }) => void falling.step(validation?.loss ?? loss),
  };
  const history = await train(model, data, all).catch((error) => {
    if (error.message !== "killed") throw error;
  });
  return {
    saved,
    history: history && { ...history, epochs: history.epochs.map(({ seconds, ...rest }) => rest) },
    parameters: model.parameters().map((tensor) => tensor.toArray()),
    optimizer: optimizer.stateDict() as StateDict,
    averages: averages?.stateDict(),
    falling: falling.stateDict(),
    generator: model.generatorState,
  };
}

/**
 * Everything that a run leaves. A scheduled learning rate is not state: once loaded, it shows the rate of the next
 * step.
 */
function outcome({ saved, ...rest }: Awaited<ReturnType<typeof run>>) {
  for (const { hyper } of rest.optimizer.groups) delete hyper.lr;
  return rest;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  rule: fc.constantFrom<Rule>("adamw", "scheduleFree", "sgd", "nadam", "prodigy"),
  averaged: fc.boolean(),
  thawed: fc.boolean(),
  options: fc
    .record({
      batchSize: fc.integer({ min: 1, max: 8 }),
      accumulate: fc.integer({ min: 1, max: 3 }),
      clipNorm: fc.constant(0.5),
      shuffle: fc.boolean(),
      dropLast: fc.boolean(),
      validation: fc.constantFrom(0.25, 0.4, undefined),
      earlyStopping: fc.constantFrom(undefined, { patience: 1 }, { patience: 2, minDelta: 0.01, restoreBest: false }),
    })
    .map((o) => Object.fromEntries(Object.entries(o).filter(([, value]) => value !== undefined))),
});

describe("a run that is interrupted and resumed", () => {
  // Every pair of backends: begun on one, finished on the other.
  const pairs = exact.flatMap((from) => exact.map((to) => [from.name, to.name, from, to] as const));

  it.each(pairs)("ends with the bits of an uninterrupted run: %s, then %s", async (_a, _b, from, to) => {
    await fc.assert(
      fc.asyncProperty(plan, fc.nat(1000), fc.nat(1000), async (plan, first, second) => {
        const whole = outcome(await run(to, plan));
        const steps = whole.optimizer.stepCount;
        // Stopped twice, at any step; at the last one the run is over.
        const at = 1 + (first % steps);
        const once = await run(from, plan, undefined, at);
        const twice = await run(to, plan, once.saved!, at + (second % (steps - at + 1)));
        const last = await run(to, plan, twice.saved ?? once.saved!);
        expect(outcome(last)).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  });

  it("can be extended, and does nothing when it is already over", async () => {
    const [js] = exact as [Backend];
    const plan: Plan = { rule: "nadam", averaged: false, options: {} };
    const whole = await run(js, plan);
    expect(outcome(await run(js, plan, whole.saved!))).toEqual(outcome(whole));
    const longer: Plan = { ...plan, options: { epochs: EPOCHS + 2 } };
    expect(outcome(await run(js, longer, whole.saved!))).toEqual(outcome(await run(js, longer)));
  });
});

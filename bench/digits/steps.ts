/**
 * Steps to a full training loss of 0.05: every optimizer at its settings of feasibility trials, SGD at the best rate and
 * momentum of a sweep, in batches of 32, of 256, and of all rows. Settings are picked on seeds of their own.
 */
import { createEngine } from "../../src/engine/create.js";
import { adam, type Model, sgd } from "../../src/index.js";
import { median } from "../harness.js";
import { digits } from "./data.js";
import { type Make, stepsTo } from "./trial.js";

const TARGET = 0.05;
/** Rows of a batch: the last takes all. */
const SIZES = [32, 256, 3823] as const;
type Size = (typeof SIZES)[number];
const MOST: Record<Size, number> = { 32: 600, 256: 150, 3823: 60 };
const PICKED_ON = [101, 102, 103];
const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);

interface Entry {
  name: string;
  /** The settings to pick from, by batch size, as text and optimizer. */
  settings: Record<Size, [label: string, make: Make][]>;
}

const each = <T>(of: (size: Size) => T): Record<Size, T> =>
  Object.fromEntries(SIZES.map((size) => [size, of(size)])) as Record<Size, T>;

const RATES: Record<Size, number[]> = {
  32: [0.03, 0.05, 0.07, 0.1, 0.15, 0.2],
  256: [0.15, 0.2, 0.3, 0.5, 0.7, 1],
  3823: [0.7, 1, 1.5, 2, 3],
};
const ADAM: Record<Size, number[]> = {
  32: [0.005, 0.01, 0.02],
  256: [0.01, 0.02, 0.03, 0.05],
  3823: [0.02, 0.03, 0.05, 0.07],
};

const of =
  (make: (params: ReturnType<Model["parameters"]>) => ReturnType<Make>["optimizer"]): Make =>
  (model) => ({ optimizer: make(model.parameters()) });

const entries: Entry[] = [
  {
    name: "SGD, rate and momentum swept",
    settings: each((size) =>
      [0.8, 0.9, 0.95].flatMap((momentum) =>
        RATES[size].map((lr): [string, Make] => [
          `lr ${lr}, momentum ${momentum}`,
          of((p) => sgd(p, { lr, momentum })),
        ]),
      ),
    ),
  },
  {
    name: "Adam, rate swept",
    settings: each((size) => ADAM[size].map((lr) => [`lr ${lr}`, of((p) => adam(p, { lr }))])),
  },
];

export async function benchSteps(only: RegExp, say: (line: string) => void): Promise<void> {
  const engine = await createEngine();
  const { train: data } = digits();
  const run = (make: Make, batchSize: Size, seed: number) =>
    stepsTo(TARGET, { engine, data, batchSize, seed, most: MOST[batchSize] }, make);
  const base: Partial<Record<Size, number>> = {};
  for (const { name, settings } of entries) {
    if (!only.test(name) && name !== entries[0]!.name) continue;
    for (const size of SIZES) {
      let best: { label: string; make: Make; steps: number } | undefined;
      for (const [label, make] of settings[size]) {
        const steps = settings[size].length === 1 ? 0 : median(PICKED_ON.map((seed) => run(make, size, seed).steps));
        if (best === undefined || steps < best.steps) best = { label, make, steps };
      }
      const { label, make } = best!;
      const runs = SEEDS.map((seed) => run(make, size, seed));
      const steps = median(runs.map((one) => one.steps));
      const ms = median(runs.map(({ milliseconds, steps }) => milliseconds / Math.min(steps, MOST[size])));
      base[size] ??= steps;
      const failed = runs.filter((one) => one.steps === Number.POSITIVE_INFINITY).length;
      say(
        `| ${name} | ${size === 3823 ? "all" : size} | ${label} | ${steps} | ${(steps / base[size]).toFixed(2)} | ${(ms * steps).toFixed(0)} | ${failed} |`,
      );
    }
  }
  engine.dispose();
}

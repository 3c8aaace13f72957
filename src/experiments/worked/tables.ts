/**
 * Calculations by hand that the optimizers reproduce: what a reader of a textbook would check one against. A test runs them
 * on every backend, and `thalweg explain` shows those of its topic.
 */
import { cosine, warmup } from "../../schedule/index.js";
import { adaptiveTables } from "./adaptiveTables.js";
import { descentTables } from "./descentTables.js";
import { kfacTables } from "./kfacTables.js";
import type { WorkedTable } from "./table.js";
import { blame, sigmoidUnit } from "./walks.js";

const at = (steps: readonly number[]) => {
  const lr = warmup(100, cosine(0.001, { steps: 900 }), { from: 0 });
  return () => steps.map(lr);
};

export const TABLES: readonly WorkedTable[] = [
  ...descentTables,
  ...adaptiveTables,
  ...kfacTables,
  {
    title: "Warm-up of 100 steps to 0.001, and a cosine to 0 at step 1000",
    topics: ["warmup", "cosine"],
    examples: [
      {
        name: "at steps 0, 50, 100, 325, 550, 775 and 1000",
        run: at([0, 50, 100, 325, 550, 775, 1000]),
        want: [0, 0.0005, 0.001, 0.000854, 0.0005, 0.000146, 0],
        digits: 6,
      },
    ],
  },
  {
    title: "Backpropagation by hand",
    topics: ["backpropagation"],
    examples: [
      {
        name: "one sigmoid unit: ∂E/∂y, ∂E/∂x, ∂E/∂w",
        run: sigmoidUnit,
        want: [0.9, 0.081, 0.0486],
        digits: 6,
      },
      { name: "the blame that reaches a hidden unit", run: blame, want: [0.0685], digits: 6 },
    ],
  },
];

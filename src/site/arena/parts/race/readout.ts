/** One step of one runner, taken apart: its moments, its effective rate along each axis, and its directions as arrows. */
import { html, type TemplateResult } from "lit-html";
import type { Race } from "../../../../landscape/index.js";
import { pointText, short } from "../../draw/scale.js";
import type { Arrow, Hit } from "../../figures/planeScene.js";
import type { TraceStep } from "../../lab/trace.js";

/** Slots by the names that PyTorch gives them: what the literature calls m, or v, and what stands in their place. */
const FIRST = ["expAvg", "momentumBuffer", "velocity"];
const SECOND = ["expAvgSq", "squareAvg", "expAvgVar", "expInf", "sum"];
const found = (slots: TraceStep["slots"], names: readonly string[]): readonly number[] | undefined =>
  names.map((name) => slots[name]).find((slot) => slot !== undefined && slot.length === 2);
/** Slots that are shown; L-BFGS has twenty-four. */
const MOST = 4;
const symbol = (slot: string): string =>
  FIRST.includes(slot) ? `m, ${slot}` : SECOND.includes(slot) ? `v, ${slot}` : slot;

export function readout(race: Race, { series, step }: Hit, steps: readonly TraceStep[]): TemplateResult {
  const run = race.runs[series];
  const at = Math.min(step, run.path.length - 1);
  const taken = steps[at];
  const rows: [string, string][] = [
    ["θ", pointText(run.path[at])],
    ["f", short(run.losses[at])],
  ];
  if (taken) {
    rows.push(["gradient", pointText(taken.gradient)]);
    for (const [slot, values] of Object.entries(taken.slots).slice(0, MOST))
      if (values.length === 2) rows.push([symbol(slot), pointText(values)]);
    rows.push([
      "effective rate",
      pointText(taken.gradient.map((g, i) => (g === 0 ? 0 : (taken.from[i] - taken.to[i]) / g))),
    ]);
  }
  return html`<div class="readout"><p><b>${run.label}</b>, step ${at}</p>
    <dl>${rows.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl></div>`;
}

/** Whether two directions are the same to the eye. */
const alike = (a: readonly number[], b: readonly number[]): boolean =>
  a[0] * b[0] + a[1] * b[1] > 0.9995 * Math.hypot(a[0], a[1]) * Math.hypot(b[0], b[1]);

/** Directions from a point: down the gradient, along the momentum, and of the step. All have one length: they show where to. */
export function arrows(race: Race, { series, step }: Hit, steps: readonly TraceStep[], reach: number): Arrow[] {
  const run = race.runs[series];
  const taken = steps[step];
  const from = run.path[step];
  if (taken === undefined || from === undefined) return [];
  const first = found(taken.slots, FIRST);
  const second = found(taken.slots, SECOND);
  const down = (direction: readonly number[]): number[] => direction.map((each) => -each);
  const moved = taken.to.map((each, i) => each - taken.from[i]);
  const straight = alike(down(taken.gradient), moved);
  const stepName = second ? "step, preconditioned" : "step";
  // Each name has its colour, whichever of the others there are.
  const named: [string, readonly number[], number][] = straight ? [] : [["−gradient", down(taken.gradient), 5]];
  if (first && !alike(down(first), moved)) named.push(["−m", down(first), 1]);
  named.push([straight ? `−gradient, ${stepName}` : stepName, moved, 0]);
  return named.flatMap(([label, direction, series]) => {
    const length = Math.hypot(direction[0], direction[1]);
    if (!(length > 0 && length < Number.POSITIVE_INFINITY)) return [];
    return [{ from, to: from.map((each, k) => each + (direction[k] / length) * reach), label, series }];
  });
}

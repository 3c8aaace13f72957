/** One step of one runner, taken apart: its moments, its effective rate along each axis, and its directions as arrows. */
import { html, type TemplateResult } from "lit-html";
import type { Race } from "../../../../landscape/index.js";
import { pointText, short } from "../../draw/scale.js";
import type { Arrow, Hit } from "../../figures/planeScene.js";
import type { TraceStep } from "../../lab/trace.js";

/** Slots by the names that PyTorch gives them, and what the literature calls them. */
const FIRST = ["expAvg", "momentumBuffer", "velocity"];
const SECOND = ["expAvgSq", "squareAvg", "sum", "expInf"];
const found = (slots: TraceStep["slots"], names: readonly string[]): readonly number[] | undefined =>
  names.map((name) => slots[name]).find((slot) => slot !== undefined && slot.length === 2);

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
    const first = found(taken.slots, FIRST);
    const second = found(taken.slots, SECOND);
    if (first) rows.push(["m after the step", pointText(first)]);
    if (second) rows.push(["v after the step", pointText(second)]);
    rows.push([
      "effective rate",
      pointText(taken.gradient.map((g, i) => (g === 0 ? 0 : (taken.from[i] - taken.to[i]) / g))),
    ]);
  }
  return html`<div class="readout"><p><b>${run.label}</b>, step ${at}</p>
    <dl>${rows.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl></div>`;
}

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
  const named: [string, readonly number[]][] = [["−gradient", down(taken.gradient)]];
  if (first) named.push(["−m", down(first)]);
  named.push([second ? "step, preconditioned" : "step", moved]);
  return named.flatMap(([label, direction], i) => {
    const length = Math.hypot(direction[0], direction[1]);
    if (!(length > 0 && length < Number.POSITIVE_INFINITY)) return [];
    return [{ from, to: from.map((each, k) => each + (direction[k] / length) * reach), label, series: [5, 1, 0][i] }];
  });
}

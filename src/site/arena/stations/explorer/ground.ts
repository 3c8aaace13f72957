/** The ground below the ball: what it is like at a place, and how a run on it ended. */
import { html, type TemplateResult } from "lit-html";
import { type Landscape, type Run, type Terrain, terrain } from "../../../../landscape/index.js";
import type { Palette } from "../../draw/palette.js";
import type { Pen } from "../../draw/pen.js";
import { pointText, short } from "../../draw/scale.js";
import type { PlaneView } from "../../figures/planeScene.js";

/** The terrain at a point; undefined at a cusp, which has none, and where the surface overflows. */
export function groundAt(landscape: Landscape, at: readonly number[]): Terrain | undefined {
  try {
    const made = terrain(landscape, at);
    return made.eigenvalues.every(Number.isFinite) ? made : undefined;
  } catch {
    return undefined;
  }
}

export interface Place {
  readonly name: string;
  readonly at: readonly number[];
  readonly here: Terrain | undefined;
}

/** What the ground is like at two places, side by side. */
export function groundTable(places: readonly Place[], landscape: Landscape): TemplateResult {
  const ofHere = (tell: (here: Terrain) => string, without = "–"): string[] =>
    places.map(({ here }) => (here ? tell(here) : without));
  const rows: [string | TemplateResult, string[]][] = [
    ["Place", places.map(({ at }) => pointText(at))],
    ["Height", places.map(({ at }) => short(landscape.f(at)))],
    ["Terrain", ofHere(({ kind }) => kind, "no Hessian")],
    ["Slope", ofHere(({ gradientNorm }) => short(gradientNorm))],
    ["Eigenvalues", ofHere(({ eigenvalues: [low, high] }) => `${short(low)}, ${short(high)}`)],
    // A surface that bends down somewhere has none.
    [
      "Condition number κ",
      ofHere(({ conditionNumber, eigenvalues }) => (eigenvalues[0] > 0 ? short(conditionNumber, 3) : "none")),
    ],
    [html`Limit 2/λ<sub>max</sub>`, ofHere(({ eigenvalues: [, high] }) => (high > 0 ? short(2 / high, 3) : "none"))],
  ];
  return html`<table class="facts two"><caption class="sr">The ground below the ball</caption>
    <thead><tr><td></td>${places.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows.map(([name, texts]) => html`<tr><th scope="row">${name}</th>${texts.map((text) => html`<td>${text}</td>`)}</tr>`)}</tbody></table>`;
}

/** How a run ended, and what that means. */
export function outcomeText({ summary, outcome, path, losses }: Run, landscape: Landscape): string {
  const words = {
    reached: "",
    "not reached": wayOf(path, losses, landscape),
    diverged: "Each step overshoots further than the last.",
    escaped: "The surface falls without end: the ball has left.",
  }[outcome];
  return `${summary[0].toUpperCase()}${summary.slice(1)}. ${words}`;
}

/** A slope of less is level ground for a reader: at the usual rates no step on it is seen. */
const LEVEL = 1e-3;

/** Whether a run that has not arrived rests, still descends, or swings. */
function wayOf(path: Run["path"], losses: Run["losses"], landscape: Landscape): string {
  const end = path[path.length - 1];
  if (landscape.grad(end).every((slope) => Math.abs(slope) < LEVEL))
    return "The ground is level here: gradient descent stays.";
  const last = losses.length - 1;
  let falls = true;
  for (let i = Math.floor(last * 0.9); i < last; i++) falls &&= losses[i + 1] <= losses[i];
  return falls ? "It is still on its way down." : "It swings to and fro, and does not settle.";
}

/** The ellipse on which the curvature at the ball changes the height by one amount: narrow where it bends most. */
export function ellipse(
  pen: Pen,
  view: PlaneView,
  palette: Palette,
  at: readonly number[],
  here: Terrain,
  { domain }: Landscape,
): void {
  const sizes = here.eigenvalues.map(Math.abs);
  const least = Math.min(sizes[0], sizes[1]);
  if (!(least > 0)) return;
  const reach = (domain[0][1] - domain[0][0]) * 0.16;
  // The longer half-axis has one length everywhere; the other is shorter by the root of κ.
  const halves = sizes.map((size) => reach * (least / size) ** 0.5);
  const [u, v] = here.eigenvectors;
  const points: number[] = [];
  for (let k = 0; k <= 72; k++) {
    const turn = (k / 72) * 2 * Math.PI;
    const [a, b] = [halves[0] * Math.cos(turn), halves[1] * Math.sin(turn)];
    points.push(view.px(at[0] + a * u[0] + b * v[0]), view.py(at[1] + a * u[1] + b * v[1]));
  }
  pen.line(points, { colour: palette.casing, width: 4 });
  pen.line(points, { colour: palette.ink, width: 1.5, dash: here.eigenvalues[0] < 0 ? [4, 4] : [] });
}

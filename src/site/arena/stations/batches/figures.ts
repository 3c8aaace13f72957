/** Figures of the station of batches: the cloud of gradients, and their variance by the size of a batch. */
import { html, type TemplateResult } from "lit-html";
import { colourOf, type Palette } from "../../draw/palette.js";
import { arrow, type Pen } from "../../draw/pen.js";
import { short } from "../../draw/scale.js";
import type { ChartScene } from "../../figures/chart.js";
import type { PlaneView, Trail } from "../../figures/planeScene.js";
import { keyed } from "../../parts/legend.js";
import { scrolling } from "../../parts/numbers.js";
import { bowl, type Measured, points, ROWS, SIZES } from "./line.js";

export interface Cloud {
  readonly whole: readonly number[];
  readonly each: readonly (readonly number[])[];
}

/** Arrows are a tenth of the gradients, in units of the plane. */
const SCALE = 0.1;

/** Downhill gradients of the batches from θ, each thin, and that of all rows. */
export function drawCloud(
  pen: Pen,
  view: PlaneView,
  palette: Palette,
  from: readonly number[],
  { each, whole }: Cloud,
): void {
  const [x, y] = [view.px(from[0]), view.py(from[1])];
  const end = ([a, b]: readonly number[]): [number, number] => [
    view.px(from[0] - SCALE * a),
    view.py(from[1] - SCALE * b),
  ];
  const colour = colourOf(palette, 3);
  const ends = each.map(end);
  pen.segments(
    ends.flatMap((to) => [x, y, ...to]),
    { colour, width: ends.length > 20 ? 0.6 : 1 },
  );
  for (const [px, py] of ends) pen.disc(px, py, 2.5, colour, { colour: palette.casing, width: 1 });
  const [px, py] = end(whole);
  arrow(pen, x, y, px, py, { colour: palette.ink, width: 3 }, palette.casing);
}

export function varianceChart(list: readonly Measured[]): Pick<ChartScene, "curves" | "x" | "y"> {
  // All rows have no variance, and logarithms no 0.
  const noisy = list.filter(({ size }) => size < ROWS);
  const xs = noisy.map(({ size }) => size);
  return {
    curves: [
      { label: "measured", series: 0, values: noisy.map(({ variance }) => variance), xs },
      { label: "formula", series: 1, values: noisy.map(({ expected }) => expected), xs },
    ],
    x: { label: "rows of a batch, B", from: 1, to: ROWS, log: true, ticks: SIZES },
    y: { label: "variance of the gradient", log: true },
  };
}

export const variances = (chart: Pick<ChartScene, "curves" | "x" | "y">, batch: number): TemplateResult => html`<figure>
  <arena-chart .scene=${{ ...chart, marks: [{ x: batch, label: `B = ${batch}` }], shape: 0.46, label: "Variance of batch gradients by the rows of a batch" }}></arena-chart>
  <figcaption>${keyed(0, "measured at θ")} over ten passes, ${keyed(1, "S²/B · (N − B)/(N − 1).")}</figcaption>
</figure>`;

const xs = [points[0][0], points[ROWS - 1][0]];
const AXES: Pick<ChartScene, "x" | "y"> = {
  x: { label: "x", from: -1.1, to: 3.05 },
  y: { label: "y", from: -4, to: 10 },
};
const along = ([a, b]: ArrayLike<number> & Iterable<number>): number[] => xs.map((x) => a + b * x);

/** The points, the rows of the next batch among them, and the lines that descent has come to. */
export function fittedLines(
  trails: readonly Trail[],
  rows: readonly (readonly number[])[],
  shown: number,
): TemplateResult {
  const step = Math.min(shown, rows.length - 1);
  const strong = new Set(rows[step] ?? []);
  const curves = trails.map(({ label, series, path }) => ({
    label,
    series,
    xs,
    values: along(path[Math.min(shown, path.length - 1)]),
  }));
  const least = { label: "least squares", series: 5, xs, values: along(bowl.minima[0].point), ghost: true };
  const scene: ChartScene = {
    ...AXES,
    curves: [least, ...curves],
    dots: points.map(([x, y], i) => ({ x, y, strong: strong.has(i) })),
    shape: 0.46,
    label: `The 64 points, ${strong.size} of them in the batch of step ${step + 1}, and the lines after step ${shown}`,
  };
  return html`<figure>
    <arena-chart .scene=${scene}></arena-chart>
    <figcaption>The points, and the lines after step ${shown}. Large dots: the rows of the ${shown < rows.length ? "next" : "last"} batch; dotted: least squares.</figcaption>
  </figure>`;
}

export const varianceTable = (list: readonly Measured[]): TemplateResult =>
  scrolling(
    "Variance by batch size",
    html`<table>
      <caption class="sr">Variance of batch gradients at θ</caption>
      <thead><tr><th scope="col">B</th><th scope="col" class="n">batches</th><th scope="col" class="n">measured</th><th scope="col" class="n">formula</th></tr></thead>
      <tbody>${list.map(
        ({ size, batches, variance, expected }) => html`<tr><th scope="row">${size}</th><td class="n">${batches}</td>
          <td class="n">${short(variance < 1e-9 ? 0 : variance)}</td><td class="n">${short(expected)}</td></tr>`,
      )}</tbody></table>`,
  );

/** Full batch and mini-batch: how gradients of batches scatter, how much, and what descent makes of it. */
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { noisyBowl, race } from "../../../landscape/index.js";
import type { Palette } from "../draw/palette.js";
import type { Pen } from "../draw/pen.js";
import { short } from "../draw/scale.js";
import type { ChartScene } from "../figures/chart.js";
import type { PlaneView, Trail } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { startProblem } from "../lab/surfaces.js";
import { tex } from "../math.js";
import { slider } from "../parts/controls.js";
import { Player } from "../parts/player.js";
import type { Question } from "../parts/question.js";
import { number, point, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { type Cloud, drawCloud, varianceChart, variances, varianceTable } from "./batches/figures.js";
import { bowl, cloud, descents, type Measured, noise, POINTS_CODE, ROWS, SIZES } from "./batches/line.js";

const fields = {
  batch: whole({ initial: 8, min: 1, max: ROWS }),
  rate: number({ initial: 0.05, min: 0, above: true, max: 1e6 }),
  steps: whole({ initial: 80, min: 1, max: 2000 }),
  speed: whole({ initial: 1, min: 1, max: 1000 }),
  start: point,
  seed: whole({ initial: 1, min: 0, max: 2 ** 31 }),
};

export default station({
  lede: "A line is fitted to 64 points. The gradient of a few of them is a guess at that of all: each thin arrow is one batch’s guess. Larger batches guess better, and cost more.",
  fields,
  formulas: [
    {
      name: "The gradient of a batch ℬ of B rows",
      mathml: tex`\hat g = \frac{1}{B} \sum_{i \in \mathcal{B}} g_i`,
    },
    {
      name: "How far it is from that of all N rows, whose own variance is S²",
      mathml: tex`\mathrm{E}\, \lVert \hat g - g \rVert^2 = \frac{S^2}{B} \cdot \frac{N-B}{N-1}`,
    },
  ],
  sources: [
    { text: "Robbins & Monro, A stochastic approximation method, Annals of Mathematical Statistics 22, 1951" },
    { text: "Cochran, Sampling Techniques, 1977, section 2.5 (the factor of a finite population)" },
    {
      text: "Bottou, Curtis & Nocedal, Optimization methods for large-scale machine learning, SIAM Review 60, 2018",
      href: "https://arxiv.org/abs/1606.04838",
    },
  ],
  notice:
    "Far from the minimum nearly all arrows agree on the way, and a small batch does as well as a large one for a fraction of the work. Near it they point everywhere: put θ there. To come closer the rate must fall, or the batch grow.",
  setup,
});

const OWN_START = [-0.7, 0.6] as const;
interface Shown extends Cloud {
  readonly trails: readonly Trail[];
  readonly losses: Pick<ChartScene, "curves" | "x" | "y">;
}

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const shown = signal<Shown | undefined>(undefined);
  const measured = signal<{ list: readonly Measured[]; chart: Pick<ChartScene, "curves" | "x" | "y"> } | undefined>(
    undefined,
  );
  const player = new Player(
    () => (shown.value?.trails ?? []).reduce((most, { path }) => Math.max(most, path.length - 1), 0),
    at.speed,
  );
  const start = (): readonly number[] => {
    const own = at.start.value;
    return own !== undefined && startProblem(bowl, own) === undefined ? own : OWN_START;
  };
  let generation = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let begun = false;
  const stops = [
    effect(() => {
      const problem = at.start.value && startProblem(bowl, at.start.value);
      if (problem) values.problem("start", problem);
    }),
    effect(() => {
      const mine = ++generation;
      const from = start();
      const o = { lr: at.rate.value, batchSize: at.batch.value, seed: at.seed.value, steps: at.steps.value };
      void labEngine().then((engine) => {
        if (mine !== generation) return;
        const { full, mini } = descents(engine, from, o);
        shown.value = shownOf(cloud(engine, from, o.batchSize, o.seed), from, { full, mini }, o.steps);
        if (begun && !player.playing.peek()) player.finish();
        if (!begun) player.begin();
        begun = true;
      });
    }),
    // Some thousands of gradients: once θ rests.
    effect(() => {
      const from = start();
      const seed = at.seed.value;
      clearTimeout(timer);
      timer = setTimeout(
        () =>
          void labEngine().then((engine) => {
            if (from.join() !== start().join() || seed !== at.seed.peek()) return;
            const list = noise(engine, from, seed);
            measured.value = { list, chart: varianceChart(list) };
          }),
        measured.peek() === undefined ? 0 : 120,
      );
    }),
  ];

  function plane(made: Shown): TemplateResult {
    return html`<figure class="map">
      <arena-plane .scene=${{
        landscape: bowl,
        trails: made.trails,
        shown: player.shown.value,
        start: start(),
        startLabel: "θ",
        onStart: (to: [number, number]) => values.set("start", to),
        overlay: (pen: Pen, view: PlaneView, palette: Palette) => drawCloud(pen, view, palette, start(), made),
        label: `Mean squared error of a line by its intercept and slope, with the gradients of ${made.each.length} batches of ${at.batch.value} rows at θ`,
      }}></arena-plane>
      ${player.bar()}
      <figcaption>Intercept across, slope upwards; + is the least-squares line. Thin arrows: a tenth of the downhill gradient of each batch of one pass; the strong one: of all rows. Drag θ.</figcaption>
    </figure>`;
  }

  return {
    controls: () => html`
      ${slider(values, "batch", { label: "Rows of a batch, B", from: 1, to: ROWS, log: true, whole: true })}
      ${slider(values, "rate", { label: "Rate η", from: 1e-3, to: 1, log: true })}
      <div class="control"><label for="resample">Order of the rows</label>
        <button id="resample" type="button" class="plain" aria-label="Resample the order of the rows" @click=${() => values.set("seed", (at.seed.peek() + 1) % 2 ** 31)}>Resample</button></div>`,
    more: () => html`
      ${slider(values, "steps", { label: "Steps", from: 10, to: 2000, log: true, whole: true })}
      ${slider(values, "speed", { label: "Steps a frame", from: 1, to: 100, log: true, whole: true })}
      ${slider(values, "seed", { label: "Seed of the order", from: 0, to: 100, whole: true })}`,
    stage() {
      const made = shown.value;
      if (made === undefined) return html`<p class="loading">Starting the engine…</p>`;
      return html`<div class="pair">
        ${plane(made)}
        <div class="beside">
          ${measured.value ? variances(measured.value.chart, at.batch.value) : nothing}
          <arena-chart .scene=${{ ...made.losses, shown: player.shown.value, shape: 0.42, label: "Loss by step, of all rows and of batches" }}></arena-chart>
        </div>
      </div>
      <div class="below">${measured.value ? varianceTable(measured.value.list) : nothing}</div>`;
    },
    questions: [quarterQuestion(values), restQuestion()],
    code: () => `import { createEngine, gradientNoise } from "thalweg";
import { dense, mse, sequential } from "thalweg";

${POINTS_CODE}
const engine = await createEngine({ simd: "strict" });
const model = sequential(engine, [dense(1, 1)]);
const [weight, bias] = model.parameters();
bias.data[0] = ${start()[0]};
weight.data[0] = ${start()[1]};
const x = engine.tensor([64, 1], points.map(([x]) => x));
const y = engine.tensor([64, 1], points.map(([, y]) => y));
for (const batchSize of [${SIZES.join(", ")}]) {
  const o = { loss: mse, batchSize, passes: 10, seed: ${at.seed.value} };
  const noise = gradientNoise(model, { x, y }, o);
  console.log(batchSize, noise.variance);
}`,
    rows() {
      const made = shown.peek();
      return [
        ["what", "rows of a batch", "number", "intercept", "slope", "value"],
        ...(measured.peek()?.list ?? []).map(({ size, batches, variance }) => [
          "variance",
          size,
          batches,
          "",
          "",
          variance,
        ]),
        ...(made?.each ?? []).map((gradient, i) => ["gradient", at.batch.peek(), i + 1, ...gradient, ""]),
        ...(made?.trails ?? []).flatMap(({ label, path }, k) =>
          path.map((theta, step) => [label, k === 0 ? ROWS : at.batch.peek(), step, ...theta, bowl.f(theta)]),
        ),
      ];
    },
    dispose() {
      generation++;
      for (const stop of stops) stop();
      clearTimeout(timer);
      player.dispose();
    },
  };
}

type Runs = ReturnType<typeof descents>;

function shownOf(
  { each, whole }: ReturnType<typeof cloud>,
  from: readonly number[],
  { full, mini }: Runs,
  steps: number,
): Shown {
  // A run that diverges ends where it leaves the numbers.
  const pathOf = (run: Runs["full"]) =>
    [run[0]?.from ?? from, ...run.map(({ to }) => to)].filter((theta) => theta.every(Number.isFinite));
  const trails = [full, mini].map((run, i) => ({
    label: ["all rows", "batches"][i],
    series: [1, 0][i],
    path: pathOf(run),
  }));
  const least = bowl.minima[0].value;
  const curves = trails.map(({ label, series, path }) => ({
    label,
    series,
    values: path.map((theta) => Math.max(1e-8, bowl.f(theta) - least)),
  }));
  const y = { label: "loss above the least", log: true, to: 100 };
  return { each, whole, trails, losses: { curves, x: { label: "step", from: 0, to: steps, whole: true }, y } };
}

function quarterQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "Batches of 4 rows instead of single ones: by which factor does the variance of their gradients fall?",
    async check(answer) {
      const [one, four] = noise(await labEngine(), OWN_START, 0, 200, [1, 4]);
      const factor = one.variance / four.variance;
      return {
        right: Math.abs(answer / factor - 1) < 0.1,
        say: `${short(factor, 3)}, measured over 200 passes: about as many times as there are rows in a batch, and a little more, since 4 of 64 rows are drawn without repetition.`,
      };
    },
    show() {
      values.set("batch", 4);
    },
  };
}

/** Gradient descent on x² + y² with noise of one unit, as it has settled. */
async function restOf(batch: number): Promise<number> {
  const engine = await labEngine();
  const noisy = noisyBowl({ batch, seed: 1 });
  const { runs } = await race(noisy, ["sgd"], { start: [0, 0], steps: 20_000, rates: 0.1, engine });
  const settled = runs[0].path.slice(200);
  return settled.reduce((sum, [x, y]) => sum + x * x + y * y, 0) / (2 * settled.length);
}

function restQuestion(): Question {
  const choices = ["Half as wide", "A quarter as wide", "A sixteenth as wide"];
  return {
    ask: "At a constant rate, descent with noisy gradients ends in a cloud about the minimum. With batches 16 times as large, how wide is the cloud?",
    choices,
    async check(answer) {
      const [one, sixteen] = [await restOf(1), await restOf(16)];
      const narrower = (one / sixteen) ** 0.5;
      const right = [2, 4, 16].reduce(
        (best, each, i, all) => (Math.abs(each - narrower) < Math.abs(all[best] - narrower) ? i : best),
        0,
      );
      return {
        right: answer === right,
        say: `On the noisy bowl at η = 0.1 the variance along an axis is ${short(one, 3)} and ${short(sixteen, 3)}, and ησ²/(4B(1 − η)) gives ${short(0.1 / 3.6, 3)} and ${short(0.1 / 3.6 / 16, 3)}: the width is its root.`,
      };
    },
  };
}

/** Bias correction on and off: what Adam's first steps are with it, and without. */
import { signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { Engine } from "../../../index.js";
import { short } from "../draw/scale.js";
import type { ChartScene, Curve } from "../figures/chart.js";
import type { Hit } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { latest, type Pause } from "../lab/latest.js";
import { corrected, probe, withoutCorrection } from "../lab/probe.js";
import { gradientsIn, STREAM_NAMES, STREAM_OPTIONS, streamCode } from "../lab/streams.js";
import { tex } from "../math.js";
import { select, slider } from "../parts/controls.js";
import { keyed } from "../parts/legend.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { choice, number, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";

const fields = {
  stream: choice(STREAM_NAMES, "constant"),
  beta1: number({ initial: 0.9, min: 0, max: 0.9999 }),
  beta2: number({ initial: 0.999, min: 0, max: 0.99999 }),
  steps: whole({ initial: 5000, min: 2, max: 10_000 }),
  seed: whole({ initial: 1, min: 0, max: 2 ** 31 }),
};

export default station({
  lede: "Adam’s two running means start at 0, and are too small until they have seen enough gradients. Dividing them by 1 − βᵗ puts that right from the first step on.",
  fields,
  formulas: [
    {
      name: "What the means hold of a constant gradient",
      mathml: tex`m_t = (1-\beta_1^t)\, g \qquad v_t = (1-\beta_2^t)\, g^2`,
    },
    { name: "Corrected", mathml: tex`\hat m_t = \frac{m_t}{1-\beta_1^t} \qquad \hat v_t = \frac{v_t}{1-\beta_2^t}` },
    {
      name: "The first step without, in units of the rate",
      mathml: tex`\frac{1-\beta_1}{\sqrt{1-\beta_2}}`,
    },
  ],
  sources: [
    {
      text: "Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, section 3",
      href: "https://arxiv.org/abs/1412.6980",
    },
  ],
  notice:
    "Without the correction Adam’s first steps are too long, not too short: v is further from its value than m, and the step divides by its root. At the usual β₁ and β₂ they grow to more than six times the rate.",
  setup,
});

interface Both {
  readonly rows: readonly {
    readonly g: number;
    readonly m: number;
    readonly mHat: number;
    readonly v: number;
    readonly vHat: number;
    /** Steps at the rate 1. */
    readonly on: number;
    readonly off: number;
  }[];
  readonly charts: readonly Pick<ChartScene, "curves" | "x" | "y" | "label">[];
}

/** The same gradients given to Adam with and without its correction; the corrected means are those of momentum's average. */
async function both(gradients: readonly number[], beta1: number, beta2: number, pause: Pause): Promise<Both> {
  const engine = await labEngine();
  const { on, off } = steps(engine, gradients, beta1, beta2);
  await pause();
  const means = corrected(engine, beta1, gradients);
  const squares = corrected(
    engine,
    beta2,
    gradients.map((g) => g * g),
  );
  const rows = gradients.map((g, i) => ({
    g,
    m: on[i].slots.expAvg,
    mHat: means[i],
    v: on[i].slots.expAvgSq,
    vHat: squares[i],
    on: on[i].update,
    off: off[i].update,
  }));
  const x = { label: "step", from: 1, to: Math.max(2, rows.length), log: true };
  const xs = rows.map((_, i) => i + 1);
  const curve = (label: string, series: number, values: number[]): Curve => ({ label, series, values, xs });
  const chart = (name: string, curves: Curve[]) => ({ curves, x, y: { label: name }, label: `${name}, by step` });
  return {
    rows,
    charts: [
      chart("step, in units of the rate", [
        curve("without", 0, rows.map((row) => row.off)), // biome-ignore format: a pair
        curve("corrected", 1, rows.map((row) => row.on)), // biome-ignore format: a pair
      ]),
      chart("mean of the gradient", [
        curve("m", 0, rows.map((row) => row.m)), // biome-ignore format: a pair
        curve("m̂", 1, rows.map((row) => row.mHat)), // biome-ignore format: a pair
      ]),
      chart("mean of its square", [
        curve("v", 0, rows.map((row) => row.v)), // biome-ignore format: a pair
        curve("v̂", 1, rows.map((row) => row.vHat)), // biome-ignore format: a pair
      ]),
    ],
  };
}

const steps = (engine: Engine, gradients: readonly number[], beta1: number, beta2: number) => {
  const hyper = { lr: 1, betas: [beta1, beta2] };
  return {
    on: probe(engine, "adam", hyper, gradients),
    off: probe(engine, "adam", hyper, gradients, withoutCorrection),
  };
};

/** The steps that the table has. */
const PICKED = [1, 2, 3, 5, 10, 30, 100, 300, 1000, 3000, 10_000];

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const { found, problem, dispose } = latest((pause) =>
    both(gradientsIn(at.stream.value, at.steps.value, at.seed.value), at.beta1.value, at.beta2.value, pause),
  );
  const hover = signal<Hit | undefined>(undefined);
  const chart = (scene: Both["charts"][number], shape: number): TemplateResult =>
    html`<arena-chart .scene=${{
      ...scene,
      shape,
      hover: hover.value,
      onHover: (hit: Hit | undefined) => (hover.value = hit),
    }}></arena-chart>`;

  return {
    controls: () => html`
      ${select(values, "stream", "Gradients", STREAM_OPTIONS)}
      ${slider(values, "beta1", { label: "β₁", from: 0, to: 0.99, nearOne: true })}
      ${slider(values, "beta2", { label: "β₂", from: 0.5, to: 0.9999, nearOne: true })}
      ${slider(values, "steps", { label: "Steps", from: 10, to: 10_000, log: true, whole: true })}`,
    more: () => slider(values, "seed", { label: "Seed of the noise", from: 0, to: 100, whole: true }),
    stage() {
      const made = found.value;
      if (made === undefined) return html`<p class="loading">${problem.value || "Starting the engine…"}</p>`;
      return html`
        ${problem.value === "" ? nothing : html`<p class="problem" role="alert">${problem.value}</p>`}
        <div class="pair">
          <figure>${chart(made.charts[0], 0.62)}
            <figcaption>${keyed(0, "without the correction")}, ${keyed(1, "with it")}. The axis of steps is logarithmic.</figcaption></figure>
          <div class="beside">${chart(made.charts[1], 0.34)} ${chart(made.charts[2], 0.34)}</div>
        </div>
        <div class="below">${table(made, hover.value?.step)}</div>`;
    },
    questions: [firstQuestion(), settledQuestion()],
    code() {
      const { imports, lines } = streamCode(at.stream.value, at.steps.value, at.seed.value);
      return `import { adam, createEngine } from "thalweg";
${imports}
const engine = await createEngine({ simd: "strict" });
${lines}
for (const corrected of [true, false]) {
  const theta = engine.tensor(1);
  const betas = [${at.beta1.value}, ${at.beta2.value}];
  const optimizer = adam([theta], { lr: 1, betas });
  if (!corrected) {
    // The powers of β after endlessly many steps
    const state = optimizer.stateDict();
    const powers = { beta1Power: 0, beta2Power: 0 };
    state.groups[0].scalars = powers;
    optimizer.loadStateDict(state);
  }
  for (const g of gradients) {
    theta.data[0] = 0;
    theta.grad[0] = g;
    optimizer.step();
    console.log(corrected, -theta.data[0]);
  }
}`;
    },
    rows: () => [
      ["step", "gradient", "m", "m hat", "v", "v hat", "corrected step", "step without"],
      ...(found.peek()?.rows ?? []).map(({ g, m, mHat, v, vHat, on, off }, i) => [i + 1, g, m, mHat, v, vHat, on, off]),
    ],
    dispose,
  };
}

function table({ rows }: Both, chosen: number | undefined): TemplateResult {
  const picked = [...new Set([...PICKED.filter((step) => step <= rows.length), rows.length])];
  if (chosen !== undefined && chosen < rows.length && !picked.includes(chosen + 1)) picked.push(chosen + 1);
  picked.sort((a, b) => a - b);
  return scrolling(
    "Means and steps",
    html`<table>
      <caption class="sr">Means and steps, with and without the correction</caption>
      <thead><tr><th scope="col">step</th><th scope="col" class="n">m</th><th scope="col" class="n">m̂</th><th scope="col" class="n">v</th>
        <th scope="col" class="n">v̂</th><th scope="col" class="n">without</th><th scope="col" class="n">corrected</th></tr></thead>
      <tbody>${picked.map((step) => {
        const { m, mHat, v, vHat, on, off } = rows[step - 1];
        return html`<tr data-on=${chosen === step - 1 ? "yes" : "no"}><th scope="row">${step}</th>
          ${[m, mHat, v, vHat, off, on].map((each) => html`<td class="n">${short(each, 3)}</td>`)}</tr>`;
      })}</tbody></table>`,
  );
}

function firstQuestion(): Question {
  return {
    ask: "With β₁ = 0.9 and β₂ = 0.999 Adam’s first step is as long as its rate. How many times as long is it without the correction?",
    async check(answer) {
      const { off } = steps(await labEngine(), [1], 0.9, 0.999);
      return {
        right: Math.abs(answer / off[0].update - 1) < 0.05,
        say: `${short(off[0].update, 3)} times: m is a tenth of the gradient, but √v only 0.0316 of it.`,
      };
    },
  };
}

function settledQuestion(): Question {
  return {
    ask: "Of a constant gradient every corrected step is as long as the rate. After how many steps is an uncorrected one longer by less than a tenth, with β₂ = 0.999? Give or take a fifth.",
    async check(answer) {
      const gradients = Array.from({ length: 4000 }, () => 1);
      const { off } = steps(await labEngine(), gradients, 0.9, 0.999);
      const longest = off.reduce((most, { update }, i) => (update > off[most].update ? i : most), 0);
      const settled = off.findIndex(({ update }, i) => i > longest && update < 1.1) + 1;
      return {
        right: Math.abs(answer / settled - 1) <= 0.2,
        say: `After ${settled}. The longest is step ${longest + 1}, of ${short(off[longest].update, 3)} times the rate.`,
      };
    },
  };
}

/** Inside Adam: what each gradient of an editable list does to the moments, and to the step. */
import { signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { short } from "../draw/scale.js";
import type { BarsScene } from "../figures/bars.js";
import { ArenaBars } from "../figures/bars.js";
import type { ChartScene } from "../figures/chart.js";
import { labEngine } from "../lab/engine.js";
import { latest } from "../lab/latest.js";
import { corrected, probe } from "../lab/probe.js";
import { tex } from "../math.js";
import { slider, textField } from "../parts/controls.js";
import { keyed } from "../parts/legend.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { number, numbers } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";

if (customElements.get("arena-bars") === undefined) customElements.define("arena-bars", ArenaBars);

const fields = {
  gradients: numbers([4, -1, 3], { least: 1, most: 60, size: 1e6 }),
  beta1: number({ initial: 0.9, min: 0, max: 0.9999 }),
  beta2: number({ initial: 0.999, min: 0, max: 0.99999 }),
  rate: number({ initial: 0.001, min: 0, above: true, max: 1e6 }),
};

const LISTS: readonly { readonly name: string; readonly values: readonly number[] }[] = [
  { name: "4, −1, 3", values: [4, -1, 3] },
  { name: "Constant", values: Array.from({ length: 20 }, () => 2) },
  { name: "Alternating", values: Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 2 : -2)) },
  { name: "One in ten", values: Array.from({ length: 30 }, (_, i) => (i % 10 === 0 ? 5 : 0)) },
  { name: "A spike", values: Array.from({ length: 30 }, (_, i) => (i === 8 ? 40 : 1)) },
];

export default station({
  lede: "Adam keeps two running means, of the gradient and of its square, and steps by one over the root of the other. Pull the bars to change the gradients.",
  fields,
  formulas: [
    {
      name: "Moments",
      mathml: tex`\begin{aligned} m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\ v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \end{aligned}`,
    },
    {
      name: "Corrected for their start at 0",
      mathml: tex`\hat m_t = \frac{m_t}{1-\beta_1^t} \qquad \hat v_t = \frac{v_t}{1-\beta_2^t}`,
    },
    { name: "Step", mathml: tex`\theta_t = \theta_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}` },
  ],
  sources: [
    {
      text: "Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1",
      href: "https://arxiv.org/abs/1412.6980",
    },
  ],
  notice:
    "The first step is as long as the rate, whatever the first gradient. Multiply all gradients by a thousand and no step changes: Adam sees signs and proportions, not sizes.",
  setup,
});

interface Inside {
  readonly rows: readonly { g: number; m: number; v: number; mHat: number; vHat: number; update: number }[];
  readonly bars: BarsScene["curves"];
  readonly chart: Pick<ChartScene, "curves" | "x" | "y">;
}

/** Everything is the library's: m, v and the step Adam's own, the corrected means those of momentum as a moving average. */
async function inside(gradients: readonly number[], beta1: number, beta2: number, rate: number): Promise<Inside> {
  const engine = await labEngine();
  const steps = probe(engine, "adam", { lr: rate, betas: [beta1, beta2] }, gradients);
  const means = corrected(engine, beta1, gradients);
  const squares = corrected(
    engine,
    beta2,
    gradients.map((g) => g * g),
  );
  const rows = steps.map(({ update, slots }, i) => ({
    g: gradients[i],
    m: slots.expAvg,
    v: slots.expAvgSq,
    mHat: means[i],
    vHat: squares[i],
    update,
  }));
  const xs = rows.map((_, i) => i + 1);
  const [low, high] = [Math.min, Math.max].map((of) =>
    of(...rows.map(({ update }) => update / rate).filter(Number.isFinite)),
  );
  return {
    rows,
    bars: [
      { label: "m", series: 1, values: rows.map(({ m }) => m) },
      { label: "m̂", series: 0, values: rows.map(({ mHat }) => mHat) },
      // The library's v̂ in the unit of the gradients, so that it stands beside them.
      { label: "√v̂", series: 3, values: rows.map(({ vHat }) => vHat ** 0.5) },
    ],
    chart: {
      curves: [{ label: "step", series: 2, values: rows.map(({ update }) => update / rate), xs }],
      x: { label: "step", from: 1, to: Math.max(2, rows.length), whole: true },
      // Steps may be longer than the rate, where large gradients come after small ones.
      y: { label: "step, in units of the rate", from: Math.min(-1.2, 1.1 * low), to: Math.max(1.2, 1.1 * high) },
    },
  };
}

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const { found, problem, dispose } = latest(() =>
    inside(at.gradients.value, at.beta1.value, at.beta2.value, at.rate.value),
  );
  const chosen = signal<number | undefined>(undefined);
  const change = (index: number, value: number): void =>
    values.set(
      "gradients",
      at.gradients.peek().map((each, i) => (i === index ? value : each)),
    );

  function table({ rows }: Inside): TemplateResult {
    // Of a long list the step that is pointed at and its neighbours.
    const from = rows.length <= 8 ? 0 : Math.max(0, Math.min(rows.length - 8, (chosen.value ?? rows.length) - 4));
    return scrolling(
      "Moments and steps",
      html`<table>
      <caption class="sr">Moments and steps</caption>
      <thead><tr><th scope="col">step</th><th scope="col" class="n">g</th><th scope="col" class="n">m</th><th scope="col" class="n">v</th>
        <th scope="col" class="n">m̂</th><th scope="col" class="n">v̂</th><th scope="col" class="n">subtracted</th></tr></thead>
      <tbody>${rows.slice(from, from + 8).map(
        (row, k) => html`<tr data-on=${chosen.value === from + k ? "yes" : "no"}
          @pointerenter=${() => (chosen.value = from + k)} @pointerleave=${() => (chosen.value = undefined)}>
        <th scope="row">${from + k + 1}</th>
        ${[row.g, row.m, row.v, row.mHat, row.vHat, row.update].map((each) => html`<td class="n">${short(each, 6)}</td>`)}
      </tr>`,
      )}</tbody></table>`,
    );
  }

  return {
    controls: () => html`
      ${slider(values, "beta1", { label: "β₁", from: 0, to: 0.99, nearOne: true })}
      ${slider(values, "beta2", { label: "β₂", from: 0.5, to: 0.9999, nearOne: true })}
      ${slider(values, "rate", { label: "Rate η", from: 1e-4, to: 0.1, log: true })}
      ${textField(values, "gradients", "Gradients")}`,
    stage() {
      const made = found.value;
      if (made === undefined) return html`<p class="loading">${problem.value || "Starting the engine…"}</p>`;
      const hover = chosen.value === undefined ? undefined : { series: 2, step: chosen.value };
      return html`
        ${problem.value === "" ? nothing : html`<p class="problem" role="alert">${problem.value}</p>`}
        <div class="presets" role="group" aria-label="Lists of gradients">${LISTS.map(
          ({ name, values: list }) =>
            html`<button type="button" class="plain" @click=${() => values.set("gradients", list)}>${name}</button>`,
        )}</div>
        <div class="pair">
          <figure><arena-bars .scene=${{
            values: at.gradients.value,
            curves: made.bars,
            chosen: chosen.value,
            name: "gradient",
            label: `Gradients of ${made.rows.length} steps, with their running mean. Arrow keys choose and change one`,
            onChange: change,
            onChoose: (index: number | undefined) => (chosen.value = index),
          }}></arena-bars>
          <figcaption>${keyed(1, "the running mean m")}, which starts at 0; ${keyed(0, "corrected, m̂")}; ${keyed(3, "√v̂, the size")} that gradients have had. A step is the rate times m̂ over √v̂.</figcaption></figure>
          <div class="beside">
            <arena-chart .scene=${{
              ...made.chart,
              hover,
              shape: 0.52,
              label: "The step that Adam takes, in units of the rate",
              onHover: (hit: { step: number } | undefined) => (chosen.value = hit?.step),
            }}></arena-chart>
          </div>
        </div>
        ${table(made)}`;
    },
    questions: [firstQuestion(), alternatingQuestion(values)],
    code: () => `import { adam, createEngine } from "thalweg";

const engine = await createEngine({ simd: "strict" });
const theta = engine.tensor(1);
const betas = [${at.beta1.value}, ${at.beta2.value}];
const optimizer = adam([theta], { lr: ${at.rate.value}, betas });
for (const g of [${at.gradients.value.join(", ")}]) {
  theta.data[0] = 0;
  theta.grad[0] = g;
  optimizer.step();
  const { expAvg, expAvgSq } = optimizer.state(theta);
  const [m, v] = [expAvg.data[0], expAvgSq.data[0]];
  console.log(m, v, -theta.data[0]);
}`,
    rows: () => [
      ["step", "gradient", "m", "v", "m hat", "v hat", "subtracted"],
      ...(found.peek()?.rows ?? []).map(({ g, m, v, mHat, vHat, update }, i) => [i + 1, g, m, v, mHat, vHat, update]),
    ],
    dispose,
  };
}

function firstQuestion(): Question {
  return {
    ask: "The rate is 0.001, and the first gradient 4000. How far does the first step go?",
    async check(answer) {
      const engine = await labEngine();
      const [small, large] = [4, 4000].map((g) => probe(engine, "adam", { lr: 0.001 }, [g])[0].update);
      const right = Math.abs(Math.abs(answer) / large - 1) < 0.01;
      return {
        right,
        say: `${short(large)}, and ${short(small)} for a gradient of 4: after one step m̂ is the gradient, and √v̂ its size.`,
      };
    },
  };
}

function alternatingQuestion(values: Values<typeof fields>): Question {
  const choices = ["As long as the rate", "Half of it", "About a twentieth", "0"];
  return {
    ask: "Gradients alternate: 1, −1, 1, −1 … How long is a step after a hundred of them, with β₁ = 0.9?",
    choices,
    async check(answer) {
      const engine = await labEngine();
      const list = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1));
      const steps = probe(engine, "adam", { lr: 1 }, list);
      const share = Math.abs(steps[steps.length - 1].update);
      return {
        right: choices[answer] === choices[2],
        say: `${short(share, 3)} of the rate: what gradients do not agree on cancels in m, and v keeps their size.`,
      };
    },
    show() {
      values.set("gradients", LISTS[2].values);
    },
  };
}

/** Effective learning rates over time: what a step moves for each unit of gradient. */
import { signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { Engine, Schedule } from "../../../index.js";
import * as schedules from "../../../schedule/index.js";
import { short } from "../draw/scale.js";
import type { ChartScene } from "../figures/chart.js";
import type { Hit } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { latest } from "../lab/latest.js";
import { probe } from "../lab/probe.js";
import { gradientsIn, STREAM_NAMES, STREAM_OPTIONS, streamCode } from "../lab/streams.js";
import { tex } from "../math.js";
import { segmented, select, slider } from "../parts/controls.js";
import { key } from "../parts/legend.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { runnerPicker } from "../parts/runnerPicker.js";
import { choice, names, number, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";

/** Those whose step is a rate times a gradient, or a mean of gradients. */
const WHO = [
  ...["sgd", "momentum", "nadam", "adagrad", "rmsprop", "adadelta", "adam", "amsgrad", "adamax", "adabelief"],
  ...["yogi", "radam", "adamw", "lion", "signsgd"],
];
// Beside a gradient that is nearly 0 a mean is endlessly large.
const STREAMS = STREAM_NAMES.filter((name) => name !== "noisy");
const SHAPES = [
  { value: "none", label: "Constant" },
  { value: "cosine", label: "Warm-up, cosine" },
] as const;

const fields = {
  stream: choice(STREAMS, "constant"),
  who: names(WHO, ["sgd", "adagrad", "rmsprop", "adam"], 8),
  rate: number({ initial: 0.1, min: 0, above: true, max: 1e6 }),
  schedule: choice<"none" | "cosine">(["none", "cosine"], "none"),
  steps: whole({ initial: 300, min: 10, max: 5000 }),
};

export default station({
  lede: "The rate that one sets is seldom the rate at which a parameter moves. The effective rate is what a step moves for each unit of its gradient: here it is measured, step by step, for gradients that you choose.",
  fields,
  formulas: [
    { name: "Effective rate at step t", mathml: tex`\eta_{\mathrm{eff}} = \frac{\theta_{t-1} - \theta_t}{g_t}` },
    {
      name: "Under a constant gradient g: AdaGrad, Adam, momentum",
      mathml: tex`\frac{\eta}{|g| \sqrt{t}} \qquad \frac{\eta}{|g|} \qquad \eta\, \frac{1-\beta^t}{1-\beta}`,
    },
  ],
  sources: [
    {
      text: "Duchi, Hazan & Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12, 2011",
      href: "https://jmlr.org/papers/v12/duchi11a.html",
    },
    {
      text: "Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015",
      href: "https://arxiv.org/abs/1412.6980",
    },
  ],
  notice:
    "One burst of large gradients lowers AdaGrad’s rate for good; RMSProp and Adam get over it, each as fast as its mean of squares forgets. A schedule multiplies whatever the optimizer has made of the rate.",
  setup,
});

/** The rate as a number, or as a warm-up over a tenth of the run and a cosine to 0. */
function rateOf(shape: "none" | "cosine", rate: number, steps: number): number | Schedule {
  if (shape === "none") return rate;
  const rise = Math.max(1, Math.round(steps / 10));
  return schedules.warmup(rise, schedules.cosine(rate, { steps: steps - rise }));
}

function rateCode(shape: "none" | "cosine", rate: number, steps: number): string {
  if (shape === "none") return `${rate}`;
  const rise = Math.max(1, Math.round(steps / 10));
  return `schedules.warmup(\n  ${rise},\n  schedules.cosine(${rate}, { steps: ${steps - rise} }),\n)`;
}

/** Effective rates by step; NaN where the gradient is 0. */
const effectiveRates = (engine: Engine, name: string, lr: number | Schedule, gradients: readonly number[]): number[] =>
  probe(engine, name, { lr }, gradients).map(({ update }, i) => update / gradients[i]);

interface Rates {
  readonly names: readonly string[];
  readonly rates: readonly (readonly number[])[];
  readonly gradients: readonly number[];
  readonly chart: Pick<ChartScene, "curves" | "x" | "y">;
  readonly below: Pick<ChartScene, "curves" | "x" | "y">;
}

function measured(engine: Engine, { at }: Values<typeof fields>): Rates {
  const [who, steps] = [at.who.peek(), at.steps.peek()];
  const gradients = gradientsIn(at.stream.peek(), steps, 0);
  const rates = who.map((name) =>
    effectiveRates(engine, name, rateOf(at.schedule.peek(), at.rate.peek(), steps), gradients),
  );
  const xs = gradients.map((_, i) => i + 1);
  const x = { label: "step", from: 1, to: steps, whole: true };
  return {
    names: who,
    rates,
    gradients,
    chart: {
      curves: rates.map((values, series) => ({ label: who[series], series, values, xs })),
      x,
      y: { label: "effective rate", log: true },
    },
    below: {
      curves: [{ label: "", series: 5, values: gradients, xs }],
      x,
      y: { label: "gradient", from: 0, to: gradients.reduce((a, b) => Math.max(a, b), 1) * 1.1 },
    },
  };
}

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const { found, problem, dispose } = latest(async () => {
    for (const each of Object.values(at)) each.value;
    return measured(await labEngine(), values);
  });
  const hover = signal<Hit | undefined>(undefined);
  return {
    controls: () => html`
      ${select(
        values,
        "stream",
        "Gradients",
        STREAM_OPTIONS.filter(({ value }) => STREAMS.includes(value)),
      )}
      ${slider(values, "rate", { label: "Rate η", from: 1e-4, to: 1, log: true })}
      ${segmented(values, "schedule", "Schedule", SHAPES)}`,
    more: () => html`
      ${runnerPicker(values, "who", "Optimizers")}
      ${slider(values, "steps", { label: "Steps", from: 10, to: 5000, log: true, whole: true })}`,
    stage() {
      const made = found.value;
      if (made === undefined) return html`<p class="loading">${problem.value || "Starting the engine…"}</p>`;
      return html`
        ${problem.value === "" ? nothing : html`<p class="problem" role="alert">${problem.value}</p>`}
        <div class="pair">
          <figure><arena-chart .scene=${{
            ...made.chart,
            hover: hover.value,
            onHover: (hit: Hit | undefined) => (hover.value = hit),
            label: `Effective rate by step of ${made.names.join(", ")}`,
          }}></arena-chart>
          <figcaption>What a step moves for each unit of gradient, all at the defaults of the library but for the rate. A method with momentum moves by earlier gradients too.</figcaption></figure>
          <div class="beside">
            <arena-chart .scene=${{ ...made.below, shape: 0.36, label: "The gradient by step" }}></arena-chart>
            ${table(made, hover.value?.step)}
          </div>
        </div>`;
    },
    questions: [adagradQuestion(), burstQuestion(values)],
    code() {
      const { lines } = streamCode(at.stream.value, at.steps.value, 0);
      const scheduled = at.schedule.value !== "none";
      return `import { createEngine${scheduled ? ", schedules" : ""} } from "thalweg";
import { optimizers } from "thalweg/table";

const engine = await createEngine({ simd: "strict" });
${lines}
const lr = ${rateCode(at.schedule.value, at.rate.value, at.steps.value)};
for (const name of [
${at.who.value.map((name) => `  "${name}",\n`).join("")}]) {
  const theta = engine.tensor(1);
  const optimizer = optimizers[name]([theta], { lr });
  for (const g of gradients) {
    theta.data[0] = 0;
    theta.grad[0] = g;
    optimizer.step();
    console.log(name, -theta.data[0] / g);
  }
}`;
    },
    rows() {
      const made = found.peek();
      const rows = made?.rates.flatMap((each, i) =>
        each.map((rate, step) => [made.names[i], step + 1, made.gradients[step], Number.isFinite(rate) ? rate : ""]),
      );
      return [["optimizer", "step", "gradient", "effective rate"], ...(rows ?? [])];
    },
    dispose,
  };
}

function table({ names, rates, gradients }: Rates, chosen: number | undefined): TemplateResult {
  const last = gradients.length;
  // The step that is pointed at takes the place of the middle one.
  const middle = chosen !== undefined && chosen < last ? chosen + 1 : Math.round(last / 2);
  const picked = [1, 10, middle, last];
  const columnOf = (i: number): string => (i === 1 ? "n spare" : "n");
  return scrolling(
    "Effective rates",
    html`<table>
      <caption class="sr">Effective rates at some steps</caption>
      <thead><tr><th scope="col">step</th>${picked.map((step, i) => html`<th scope="col" class=${columnOf(i)}>${step}</th>`)}</tr></thead>
      <tbody>${names.map(
        (name, k) =>
          html`<tr data-label=${name}><th scope="row">${key(k)}${name}</th>${picked.map((step, i) => {
            const rate = rates[k][step - 1];
            return html`<td class=${columnOf(i)}>${Number.isFinite(rate) ? short(rate, 2) : "–"}</td>`;
          })}</tr>`,
      )}</tbody></table>`,
  );
}

function adagradQuestion(): Question {
  return {
    ask: "The gradient is 1 at every step, and η = 0.1. What is AdaGrad’s effective rate at the hundredth step?",
    async check(answer) {
      const engine = await labEngine();
      const ones = Array.from({ length: 100 }, () => 1);
      const [adagrad, adam] = ["adagrad", "adam"].map((name) => effectiveRates(engine, name, 0.1, ones)[99]);
      return {
        right: Math.abs(answer / adagrad - 1) < 0.05,
        say: `${short(adagrad, 3)}: it falls as 1/√t, without a schedule. Adam’s is still ${short(adam, 3)}.`,
      };
    },
  };
}

function burstQuestion(values: Values<typeof fields>): Question {
  const choices = ["adagrad", "rmsprop", "adam"] as const;
  return {
    ask: "One gradient of 100 among gradients of 1. Whose rate is lowest 280 steps later, at the library’s defaults?",
    choices,
    async check(answer) {
      const engine = await labEngine();
      const gradients = gradientsIn("burst", 300, 0);
      const ends = choices.map((name) => effectiveRates(engine, name, 0.1, gradients)[299]);
      const lowest = ends.reduce((best, each, i) => (each < ends[best] ? i : best), 0);
      return {
        right: answer === lowest,
        say: `Of the rate 0.1 are left: ${choices.map((name, i) => `${name} ${short(ends[i], 2)}`).join(", ")}.`,
      };
    },
    show() {
      values.set("stream", "burst");
      values.set("who", ["sgd", ...choices]);
    },
  };
}

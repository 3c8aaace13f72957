/** AdaGrad against RMSProp: what each makes of the rate along each axis. */
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { Engine } from "../../../index.js";
import type { LandscapeName } from "../../../landscape/index.js";
import { short } from "../draw/scale.js";
import type { ChartScene } from "../figures/chart.js";
import { labEngine } from "../lab/engine.js";
import { probe } from "../lab/probe.js";
import type { Raced } from "../lab/raced.js";
import type { TraceStep } from "../lab/trace.js";
import { tex } from "../math.js";
import { slider, textField } from "../parts/controls.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { raceFields, runSliders, surfaceSelect } from "../parts/race/fields.js";
import { RaceView } from "../parts/race/raceView.js";
import { number, numbers } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";

const SURFACES: readonly LandscapeName[] = [
  "bowl",
  "ravine",
  "ravine15",
  "booth",
  "beale",
  "rosenbrock",
  "canal",
  "plateau",
];

const fields = {
  ...raceFields({ surface: "ravine", surfaces: SURFACES, rate: 0.1, steps: 200 }),
  rho: number({ initial: 0.9, min: 0, max: 0.99999 }),
  gradients: numbers([3, 2.5, 2.8, 3.1], { least: 1, most: 40, size: 1e6 }),
};

export default station({
  lede: "Both divide the gradient of each parameter by the size it has had. AdaGrad adds up all of the past, so its rates only fall; RMSProp forgets, and its rates can rise again.",
  fields,
  formulas: [
    {
      name: "AdaGrad",
      mathml: tex`\begin{aligned} G_t &= G_{t-1} + g_t^2 \\ \theta_t &= \theta_{t-1} - \frac{\eta}{\sqrt{G_t} + \varepsilon}\, g_t \end{aligned}`,
    },
    {
      name: "RMSProp",
      mathml: tex`\begin{aligned} E_t &= \rho E_{t-1} + (1-\rho)\, g_t^2 \\ \theta_t &= \theta_{t-1} - \frac{\eta}{\sqrt{E_t} + \varepsilon}\, g_t \end{aligned}`,
    },
  ],
  sources: [
    {
      text: "Duchi, Hazan & Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12, 2011",
      href: "https://jmlr.org/papers/v12/duchi11a.html",
    },
    { text: "Tieleman & Hinton, Lecture 6.5 of Neural networks for machine learning, 2012" },
  ],
  notice:
    "Across the ravine gradients are larger, and the effective rate is smaller by about as much. Near the minimum gradients shrink, and RMSProp’s rates grow until it swings about it; AdaGrad’s stay where the first, large gradients have put them. Give it a rate of 1.",
  setup,
});

/** A busy parameter, a rare one, and one whose gradients fall away. */
const LISTS: readonly (readonly number[])[] = [
  [3, 2.5, 2.8, 3.1],
  [0, 0, 0, 5],
  [8, 4, 2, 1, 0.5, 0.25],
];

interface Taken {
  readonly g: number;
  readonly sum: number;
  readonly adagrad: number;
  readonly mean: number;
  readonly rmsprop: number;
}

/** Sums, means and effective rates of a list of gradients; the rate is what a step subtracts for each unit of gradient. */
export function ofList(engine: Engine, gradients: readonly number[], lr: number, rho: number): Taken[] {
  const sums = probe(engine, "adagrad", { lr }, gradients);
  const means = probe(engine, "rmsprop", { lr, alpha: rho }, gradients);
  return gradients.map((g, i) => ({
    g,
    sum: sums[i].slots.sum,
    adagrad: sums[i].update / g,
    mean: means[i].slots.squareAvg,
    rmsprop: means[i].update / g,
  }));
}

type Shape = Pick<ChartScene, "curves" | "x" | "y">;

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const view = new RaceView(values, () => ({
    runners: [
      { optimizer: "adagrad", label: "AdaGrad" },
      { optimizer: "rmsprop", label: "RMSProp", options: { alpha: at.rho.value } },
    ],
    rates: at.rate.value,
  }));
  const list = signal<readonly Taken[]>([]);
  const stop = effect(() => {
    const [gradients, lr, rho] = [at.gradients.value, at.rate.value, at.rho.value];
    void labEngine().then((engine) => {
      if (gradients !== at.gradients.peek() || lr !== at.rate.peek() || rho !== at.rho.peek()) return;
      list.value = ofList(engine, gradients, lr, rho);
    });
  });

  let last: { of: Raced; steps: readonly (readonly TraceStep[])[]; shapes: readonly Shape[] } | undefined;
  /** Effective rates by step, a chart for each axis. */
  const ratesOf = (raced: Raced): readonly Shape[] => {
    const steps = raced.race.runs.map((_, series) => view.stepsOf(raced, series));
    if (last?.of === raced && last.steps.every((each, i) => each === steps[i])) return last.shapes;
    const shapes = [0, 1].map((axis) => ({
      curves: raced.race.runs.map(({ label }, series) => ({
        label,
        series,
        values: steps[series].map((one) => rateOf(one, axis)),
      })),
      x: { label: "step", from: 0, to: raced.race.steps, whole: true },
      y: { label: `effective rate along ${"xy"[axis]}`, log: true },
    }));
    last = { of: raced, steps, shapes };
    return shapes;
  };

  return {
    controls: () => html`
      ${surfaceSelect(values, SURFACES)}
      ${slider(values, "rate", { label: "Rate η", from: 1e-3, to: 3, log: true })}
      ${slider(values, "rho", { label: "Memory ρ of RMSProp", from: 0, to: 0.999, nearOne: true })}`,
    more: () => runSliders(values),
    stage() {
      const { raced } = view;
      if (raced === undefined) return view.waiting();
      return html`<div class="pair">
        ${view.map(raced)}
        <div class="beside">
          ${ratesOf(raced).map((shape, axis) => view.chart({ ...shape, shape: 0.36, label: `Effective rate along ${"xy"[axis]} by step` }))}
          ${view.problem()} ${view.ranking(raced)}
          ${view.readout(raced) ?? html`<p class="caveat">The effective rate is what a step moves for each unit of gradient, measured on the library’s own steps.</p>`}
        </div>
      </div>
      ${list.value.length === 0 ? nothing : byHand(values, list.value)}`;
    },
    questions: [fourthQuestion(), rareQuestion(values)],
    code: () => `import { landscapes, race } from "thalweg/landscapes";

const options = { alpha: ${at.rho.value} };
const rmsprop = { optimizer: "rmsprop", options };
const runners = ["adagrad", rmsprop];
const { runs } = await race(landscapes.${at.surface.value}, runners, {
  start: [${view.start().join(", ")}],
  steps: ${at.steps.value},
  rates: ${at.rate.value},
});
for (const { label, path } of runs)
  for (const at of path) console.log(label, ...at);`,
    rows: () => {
      const [head, ...rows] = view.rows();
      const raced = view.racer.result.peek();
      const steps = raced?.race.runs.map((_, series) => view.stepsOf(raced, series)) ?? [];
      return [
        [...head, "effective rate x", "effective rate y"],
        ...rows.map((row) => {
          const one = steps[row[0] === "AdaGrad" ? 0 : 1]?.[Number(row[2])];
          return [...row, ...[0, 1].map((axis) => (one ? finite(rateOf(one, axis)) : ""))];
        }),
      ];
    },
    dispose() {
      stop();
      view.dispose();
    },
  };
}

const rateOf = ({ from, to, gradient }: TraceStep, axis: number): number => (from[axis] - to[axis]) / gradient[axis];
const finite = (x: number): number | "" => (Number.isFinite(x) ? x : "");
const rateText = (x: number): string => (Number.isFinite(x) ? short(x, 3) : "no step");

function byHand(values: Values<typeof fields>, list: readonly Taken[]): TemplateResult {
  return html`<div class="below">
    <p class="mode">One parameter and a list of gradients: the sum G of their squares, their mean E, and the effective rate of each method.</p>
    ${textField(values, "gradients", "Gradients")}
    <div class="presets" role="group" aria-label="Lists of gradients">${LISTS.map(
      (each) =>
        html`<button type="button" class="plain" @click=${() => values.set("gradients", each)}>${each.join(", ")}</button>`,
    )}</div>
    ${scrolling(
      "Sums and rates",
      html`<table>
      <caption class="sr">Sums, means and effective rates</caption>
      <thead><tr><th scope="col">step</th><th scope="col" class="n">g</th><th scope="col" class="n">G</th>
        <th scope="col" class="n">AdaGrad</th><th scope="col" class="n">E</th><th scope="col" class="n">RMSProp</th></tr></thead>
      <tbody>${list.map(
        ({ g, sum, adagrad, mean, rmsprop }, i) => html`<tr><th scope="row">${i + 1}</th>
          <td class="n">${short(g)}</td><td class="n">${short(sum)}</td><td class="n">${rateText(adagrad)}</td>
          <td class="n">${short(mean)}</td><td class="n">${rateText(rmsprop)}</td></tr>`,
      )}</tbody></table>`,
    )}
  </div>`;
}

function fourthQuestion(): Question {
  return {
    ask: "Gradients 3, 2.5, 2.8 and 3.1, and η = 0.1. To what has AdaGrad’s effective rate fallen at the fourth step?",
    async check(answer) {
      const found = ofList(await labEngine(), [3, 2.5, 2.8, 3.1], 0.1, 0.9);
      const { sum, adagrad, rmsprop } = found[3];
      return {
        right: Math.abs(answer / adagrad - 1) < 0.02,
        say: `${short(adagrad, 3)}: 0.1 over the root of the sum of squares, ${short(sum)}. RMSProp’s, with ρ = 0.9, is ${short(rmsprop, 3)}.`,
      };
    },
  };
}

function rareQuestion(values: Values<typeof fields>): Question {
  const choices = ["The busy one", "The rare one"];
  return {
    ask: "Another parameter has the gradients 0, 0, 0, 5: larger when it comes at last. Which of the two has the larger rate under AdaGrad at the fourth step?",
    choices,
    async check(answer) {
      const engine = await labEngine();
      const [busy, rare] = [
        [3, 2.5, 2.8, 3.1],
        [0, 0, 0, 5],
      ].map((list) => ofList(engine, list, 0.1, 0.9)[3].adagrad);
      return {
        right: answer === (rare > busy ? 1 : 0),
        say: `${short(rare, 3)} for the rare one against ${short(busy, 3)}: what is seldom seen keeps a high rate, which is what AdaGrad was made for.`,
      };
    },
    show() {
      values.set("gradients", [0, 0, 0, 5]);
    },
  };
}

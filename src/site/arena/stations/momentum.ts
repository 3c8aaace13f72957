/** Gradient descent against momentum on a ravine. */
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { type LandscapeName, landscapes, race } from "../../../landscape/index.js";
import { short } from "../draw/scale.js";
import { labEngine } from "../lab/engine.js";
import type { Raced } from "../lab/raced.js";
import { type Gradients, type TraceStep, trace } from "../lab/trace.js";
import { tex } from "../math.js";
import { slider } from "../parts/controls.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { raceFields, runSliders, surfaceSelect } from "../parts/race/fields.js";
import { RaceView } from "../parts/race/raceView.js";
import { typeset } from "../parts/symbols.js";
import { number } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";

const SURFACES: readonly LandscapeName[] = ["ravine", "ravine15", "bowl", "booth", "rosenbrock", "canal"];

const fields = {
  ...raceFields({ surface: "ravine", surfaces: SURFACES, rate: 0.03, steps: 120 }),
  beta: number({ initial: 0.9, min: 0, max: 0.9999 }),
};

export default station({
  lede: "A ravine is steep across and flat along. Gradient descent must keep its rate small for the steep way, and crawls along the flat one. Momentum adds up what gradients agree on.",
  fields,
  formulas: [
    {
      name: "Momentum, as PyTorch’s SGD has it",
      mathml: tex`\begin{aligned} v_t &= \beta v_{t-1} + g_t \\ \theta_t &= \theta_{t-1} - \eta\, v_t \end{aligned}`,
    },
    { name: "Under a constant gradient", mathml: tex`v_t \to \frac{g}{1-\beta}` },
    { name: "On a quadratic it converges if", mathml: tex`\eta < \frac{2(1+\beta)}{\lambda_{\max}}` },
  ],
  sources: [
    {
      text: "Polyak, Some methods of speeding up the convergence of iteration methods, USSR Computational Mathematics and Mathematical Physics 4, 1964",
    },
    {
      text: "Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in deep learning, ICML 2013",
      href: "https://proceedings.mlr.press/v28/sutskever13.html",
    },
  ],
  notice:
    "At 0.03 momentum overshoots along the ravine and swings back, and is first all the same. At 0.1, the limit of gradient descent, plain descent bounces between the same two points across the ravine for ever, and momentum arrives.",
  setup,
});

/** Steps of one parameter that are few enough for a pocket calculator. */
const BY_HAND = 6;
const parabola: Gradients = (at, _, out) => {
  out[0] = 2 * (at[0] - 3);
  return (at[0] - 3) ** 2;
};

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const hand = signal<readonly (readonly TraceStep[])[]>([]);
  const stop = effect(() => {
    const [lr, momentum] = [at.rate.value, at.beta.value];
    void labEngine().then((engine) => {
      if (lr !== at.rate.peek() || momentum !== at.beta.peek()) return;
      hand.value = [{ lr }, { lr, momentum }].map((hyper) => trace(engine, "sgd", hyper, [0], BY_HAND, parabola));
    });
  });
  const view = new RaceView(values, () => ({
    runners: [
      { optimizer: "sgd", label: "plain" },
      { optimizer: "sgd", label: "momentum", options: { momentum: at.beta.value } },
    ],
    rates: at.rate.value,
  }));
  let across:
    | { of: Raced; curves: { label: string; series: number; values: number[] }[]; x: object; y: object }
    | undefined;
  /** Where each run is across the ravine, by step. */
  const acrossOf = (raced: Raced) => {
    if (across?.of === raced) return across;
    const { runs, steps, landscape } = raced.race;
    const [from, to] = landscapes[landscape as LandscapeName].domain[1];
    const curves = runs.map(({ label, path }, series) => ({ label, series, values: path.map(([, y]) => y) }));
    across = {
      of: raced,
      curves,
      x: { label: "step", from: 0, to: steps, whole: true },
      y: { label: landscape.startsWith("ravine") ? "y, across" : "y", from, to },
    };
    return across;
  };

  return {
    controls: () => html`
      ${surfaceSelect(values, SURFACES)}
      ${slider(values, "rate", { label: "Rate η", from: 1e-3, to: 0.3, log: true })}
      ${slider(values, "beta", { label: "Momentum β", from: 0, to: 0.99, nearOne: true })}`,
    more: () => runSliders(values),
    stage() {
      const { raced } = view;
      if (raced === undefined) return view.waiting();
      const { curves, x, y } = acrossOf(raced) as never as Record<"curves" | "x" | "y", never>;
      const limits = raced.race.runs.map(
        ({ label, limit }) => `${label}: ${limit?.formula ?? ""} = ${short(limit?.rate ?? 0)}`,
      );
      return html`<div class="pair">
        ${view.map(raced)}
        <div class="beside">
          ${view.losses(raced, { shape: 0.48 })}
          ${view.chart({ curves, x, y, shape: 0.36, label: "y by step" })}
          ${view.problem()} ${view.ranking(raced)}
          ${view.readout(raced) ?? html`<p class="caveat room">${raced.race.runs[0].limit ? typeset(`Limits of the rate by the curvature at the minimum: ${limits.join("; ")}.`) : ""}</p>`}
        </div>
      </div>
      ${hand.value.length === 0 ? nothing : byHand(hand.value)}`;
    },
    questions: [constantQuestion(), limitQuestion(values)],
    code: () => `import { landscapes, race } from "thalweg/landscapes";

const options = { momentum: ${at.beta.value} };
const runners = [
  { optimizer: "sgd", label: "plain" },
  { optimizer: "sgd", label: "momentum", options },
];
const surface = landscapes.${at.surface.value};
const { ranking } = await race(surface, runners, {
  start: [${view.start().join(", ")}],
  steps: ${at.steps.value},
  rates: ${at.rate.value},
});
for (const { label, summary } of ranking)
  console.log(label, summary);`,
    rows: () => view.rows(),
    dispose() {
      stop();
      view.dispose();
    },
  };
}

function byHand([plain, momentum]: readonly (readonly TraceStep[])[]): TemplateResult {
  return html`<div class="below">
    <p class="mode">By hand: the parabola (x − 3)², whose gradient is 2(x − 3), from x = 0, with η and β as above. With η = 0.01 plain descent creeps, and momentum is soon far ahead; with η = 0.5 plain descent arrives in one step.</p>
    ${scrolling(
      "The first steps on a parabola",
      html`<table>
      <caption class="sr">The first steps on a parabola</caption>
      <thead><tr><th scope="col">step</th><th scope="col" class="n">g</th><th scope="col" class="n">v</th>
        <th scope="col" class="n">x, momentum</th><th scope="col" class="n">x, plain</th></tr></thead>
      <tbody>${momentum.map(
        ({ gradient, slots, to }, i) => html`<tr><th scope="row">${i + 1}</th>
          ${[gradient[0], slots.momentumBuffer?.[0] ?? gradient[0], to[0], plain[i]?.to[0]].map(
            (each) => html`<td class="n">${each === undefined ? "" : short(each)}</td>`,
          )}</tr>`,
      )}</tbody></table>`,
    )}
  </div>`;
}

/** The library is given one gradient again and again, and its steps grow towards η g / (1 − β). */
function constantQuestion(): Question {
  return {
    ask: "The gradient stays the same for many steps, and β is 0.9. How many times the step of plain gradient descent does momentum take in the end?",
    async check(answer) {
      const engine = await labEngine();
      const steps = trace(engine, "sgd", { lr: 0.001, momentum: 0.9 }, [0], 300, (_at, _step, out) => {
        out[0] = 1;
        return 0;
      });
      const { from, to } = steps[steps.length - 1];
      const times = (from[0] - to[0]) / 0.001;
      return {
        right: Math.abs(answer / times - 1) < 0.03,
        say: `After 300 steps of the library it is ${short(times, 3)} times: 1/(1 − β). A rate that suits plain descent is ten times too large in effect.`,
      };
    },
  };
}

function limitQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "On x² + 10y² the rate 0.12 makes plain gradient descent diverge. Which is the least β, to one digit, with which it converges?",
    async check(answer) {
      if (!(answer >= 0 && answer < 1)) return { right: false, say: "β is at least 0 and below 1." };
      const engine = await labEngine();
      const runners = [answer, answer - 0.1].map((beta, i) => ({
        optimizer: "sgd",
        label: `${i}`,
        options: { momentum: Math.max(0, Number(beta.toFixed(6))) },
      }));
      const { runs } = await race(landscapes.ravine, runners, { start: [-4, 2], steps: 1000, rates: 0.12, engine });
      const right = runs[0].outcome === "reached" && runs[1].outcome !== "reached";
      const { formula, rate } = runs[0].limit!;
      return {
        right,
        say: `With ${short(answer)} the limit ${formula} is ${short(rate)}, and it has ${runs[0].outcome}. The least β by the formula is just above 0.2.`,
      };
    },
    show() {
      values.set("surface", "ravine");
      values.set("rate", 0.12);
      values.set("beta", 0.3);
    },
  };
}

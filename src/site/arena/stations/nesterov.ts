/** Nesterov's look-ahead beside momentum: the gradient is taken where momentum leads. */
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { type LandscapeName, landscapes, race } from "../../../landscape/index.js";
import type { Palette } from "../draw/palette.js";
import { marker, type Pen } from "../draw/pen.js";
import { pointText, short } from "../draw/scale.js";
import type { PlaneView } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { tex } from "../math.js";
import { slider } from "../parts/controls.js";
import { keyed } from "../parts/legend.js";
import type { Question } from "../parts/question.js";
import { raceFields, runSliders, surfaceSelect } from "../parts/race/fields.js";
import { RaceView } from "../parts/race/raceView.js";
import { number } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { ArenaLens } from "./nesterov/lens.js";
import { type LookAhead, lookAhead } from "./nesterov/lookAhead.js";

if (customElements.get("arena-lens") === undefined) customElements.define("arena-lens", ArenaLens);

const SURFACES: readonly LandscapeName[] = ["bowl", "ravine", "ravine15", "booth", "rosenbrock", "canal"];

const fields = {
  ...raceFields({ surface: "ravine", surfaces: SURFACES, rate: 0.03, steps: 120 }),
  beta: number({ initial: 0.9, min: 0, max: 0.9999 }),
};

export default station({
  lede: "Momentum takes the gradient where it stands, and then jumps. Nesterov’s method jumps first, and takes the gradient where it has come to: it sees the far wall before it runs into it.",
  fields,
  formulas: [
    {
      name: "Look ahead, then correct",
      mathml: tex`\begin{aligned} v_t &= \beta v_{t-1} + \eta\, \nabla f(\theta_{t-1} - \beta v_{t-1}) \\ \theta_t &= \theta_{t-1} - v_t \end{aligned}`,
    },
    {
      name: "On a quadratic it converges if",
      mathml: tex`\eta < \frac{2(1+\beta)}{\lambda_{\max}(1+2\beta)}`,
    },
  ],
  sources: [
    {
      text: "Nesterov, A method of solving a convex programming problem with convergence rate O(1/k²), Soviet Mathematics Doklady 27, 1983",
    },
    {
      text: "Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in deep learning, ICML 2013, equations 3–4",
      href: "https://proceedings.mlr.press/v28/sutskever13.html",
    },
  ],
  notice:
    "Across the ravine the look-ahead point lies on the other wall, and the gradient there brakes: Nesterov’s swings die out within a few steps. The price is a lower limit of the rate than momentum has.",
  setup,
});

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const view = new RaceView(values, () => ({
    // Momentum is second, in the colour that it has in the stations before this one.
    runners: ["nag", "momentum"].map((optimizer, i) => ({
      optimizer,
      label: ["Nesterov", "momentum"][i],
      options: { momentum: at.beta.value },
    })),
    rates: at.rate.value,
  }));
  const taken = signal<readonly LookAhead[]>([]);
  const stop = effect(() => {
    const run = view.racer.result.value?.race.runs[0];
    const race = view.racer.result.value?.race;
    if (run === undefined || race === undefined) return;
    const momentum = at.beta.peek();
    void labEngine().then((engine) => {
      if (view.racer.result.peek()?.race !== race) return;
      const landscape = landscapes[race.landscape as LandscapeName];
      taken.value = lookAhead(engine, landscape, { lr: run.lr!, momentum }, race.start, run.path.length - 1);
    });
  });
  /** The step that leads on from the point that is shown or pointed at; from an early one, once all are shown. */
  const shownStep = (): number => {
    const last = taken.value.length - 1;
    const shown = view.player.shown.value;
    return Math.max(0, Math.min(last, view.hover.value?.step ?? (shown > last ? 2 : shown)));
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
      const step = shownStep();
      const one = taken.value[step];
      return html`<div class="pair">
        ${view.map(raced, {
          arrows: [],
          ...(one && {
            overlay: (pen: Pen, plane: PlaneView, palette: Palette) => ghost(pen, plane, palette, one),
          }),
        })}
        <div class="beside">
          ${one ? underLens(one, step) : nothing}
          ${view.losses(raced, { shape: 0.42 })}
          ${view.problem()} ${view.ranking(raced)}
        </div>
      </div>`;
    },
    questions: [limitQuestion(values), firstQuestion(values)],
    code: () => `import { landscapes, race } from "thalweg/landscapes";

const options = { momentum: ${at.beta.value} };
const runners = [
  { optimizer: "nag", options },
  { optimizer: "momentum", options },
];
const { runs } = await race(landscapes.${at.surface.value}, runners, {
  start: [${view.start().join(", ")}],
  steps: ${at.steps.value},
  rates: ${at.rate.value},
});
for (const { label, path } of runs)
  for (const point of path) console.log(label, ...point);`,
    rows: () => {
      const [head, ...rows] = view.rows();
      const ahead = taken.peek();
      return [
        [...head, "look-ahead x", "look-ahead y"],
        ...rows.map((row) => {
          const point = row[0] === "Nesterov" ? ahead[Number(row[2])]?.ahead : undefined;
          return [...row, point?.[0] ?? "", point?.[1] ?? ""];
        }),
      ];
    },
    dispose() {
      stop();
      view.dispose();
    },
  };
}

/** The look-ahead point on the surface, with the way to it. */
function ghost(pen: Pen, view: PlaneView, palette: Palette, { from, ahead }: LookAhead): void {
  const [x, y] = [view.px(ahead[0]), view.py(ahead[1])];
  const way = [view.px(from[0]), view.py(from[1]), x, y];
  pen.line(way, { colour: palette.casing, width: 4 });
  pen.line(way, { colour: palette.ink, width: 1.5, dash: [3, 4] });
  marker(pen, "ring", x, y, 7, palette.ink, palette.casing);
}

const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((each, i) => each - b[i]);

function underLens(one: LookAhead, step: number): TemplateResult {
  const rows = [
    ["θ", one.from],
    ["Jump −βv", minus(one.ahead, one.from)],
    ["Look-ahead point", one.ahead],
    ["Correction by the gradient there", minus(one.to, one.ahead)],
    ["Momentum’s, by that at θ", minus(one.plain, one.from)],
  ] as const;
  return html`<figure>
      <arena-lens .scene=${{ step: one, label: `The step after step ${step}: the jump of momentum, and the corrections` }}></arena-lens>
      <figcaption>The step that leads on from step ${step}, enlarged: both jump to the ring. ${keyed(0, "Nesterov corrects")} by the gradient there, ${keyed(1, "momentum")} by the gradient at θ.</figcaption>
    </figure>
    <table class="facts"><caption class="sr">The step after step ${step}</caption>
      <tbody>${rows.map(([name, point]) => html`<tr><th scope="row">${name}</th><td>${pointText(point)}</td></tr>`)}</tbody></table>`;
}

function limitQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "On x² + 10y², with β = 0.9, momentum converges at all rates below 0.19. Below which rate does Nesterov’s method?",
    async check(answer) {
      if (!(answer > 0)) return { right: false, say: "A rate is above 0." };
      const engine = await labEngine();
      const runners = [{ optimizer: "nag", options: { momentum: 0.9 } }];
      const { runs } = await race(landscapes.ravine, runners, { start: [-4, 2], steps: 2000, rates: answer, engine });
      const { formula, rate } = runs[0].limit!;
      return {
        right: Math.abs(answer / rate - 1) <= 0.05,
        say: `At ${short(answer)} it has ${runs[0].summary.split(";")[0]} within 2,000 steps. The limit ${formula} is ${short(rate, 3)}, little more than a third of momentum’s.`,
      };
    },
    show() {
      values.set("surface", "ravine");
      values.set("beta", 0.9);
      values.set("rate", 0.07);
    },
  };
}

function firstQuestion(values: Values<typeof fields>): Question {
  const choices = ["Momentum, at 0.03 and at 0.065", "Nesterov, at both", "Nesterov at 0.03, momentum at 0.065"];
  return {
    ask: "From (−4, 2) on that ravine, β = 0.9: who is first within 0.001 of the minimum at the rate 0.03, and at 0.065, just below Nesterov’s limit?",
    choices,
    async check(answer) {
      const engine = await labEngine();
      const options = { momentum: 0.9 };
      const runners = ["momentum", "nag"].map((optimizer) => ({ optimizer, options }));
      const both = await Promise.all(
        [0.03, 0.065].map((rates) => race(landscapes.ravine, runners, { start: [-4, 2], steps: 400, rates, engine })),
      );
      const firsts = both.map(({ ranking }) => ranking[0].optimizer);
      const right = firsts[0] === "momentum" ? 0 : firsts[1] === "nag" ? 1 : 2;
      const steps = both.map(({ runs }) => runs.map(({ reached }) => reached ?? "not in 400").join(" against "));
      return {
        right: answer === right,
        say: `Steps of momentum against Nesterov: ${steps[0]} at 0.03, ${steps[1]} at 0.065.`,
      };
    },
    show() {
      values.set("surface", "ravine");
      values.set("beta", 0.9);
      values.set("rate", 0.065);
    },
  };
}

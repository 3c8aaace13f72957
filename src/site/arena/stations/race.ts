/** The race: optimizers from one start across one surface. */
import { html, nothing, type TemplateResult } from "lit-html";
import { landscapes, race } from "../../../landscape/index.js";
import { short } from "../draw/scale.js";
import { labEngine } from "../lab/engine.js";
import type { Raced } from "../lab/raced.js";
import { RUNNERS } from "../lab/runners.js";
import { tex } from "../math.js";
import { segmented, slider } from "../parts/controls.js";
import type { Question } from "../parts/question.js";
import { raceFields, runSliders, surfaceSelect } from "../parts/race/fields.js";
import { RaceView } from "../parts/race/raceView.js";
import { runnerPicker } from "../parts/runnerPicker.js";
import { choice, names } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { STATIONS } from "../stations.js";

const MODES = [
  { value: "shared", label: "One for all" },
  { value: "defaults", label: "Defaults" },
  { value: "best", label: "Best of sweep" },
] as const;

const fields = {
  ...raceFields({ surface: "ravine", rate: 0.03, steps: 320 }),
  mode: choice<"shared" | "defaults" | "best">(["shared", "defaults", "best"], "shared"),
  who: names(RUNNERS, ["sgd", "momentum", "rmsprop", "adam"], 8),
};

export default station({
  lede: "Optimizers walk down one surface from one point. Drag the start, or change the rate: the library itself walks every path anew.",
  fields,
  formulas: [
    { name: "Gradient descent", mathml: tex`\theta_{t+1} = \theta_t - \eta\, g_t` },
    { name: "On a quadratic it converges if", mathml: tex`0 < \eta < \frac{2}{\lambda_{\max}}` },
  ],
  sources: [
    { text: "Boyd & Vandenberghe, Convex Optimization, 2004, section 9.3" },
    {
      text: "Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015",
      href: "https://arxiv.org/abs/1412.6980",
    },
  ],
  notice:
    "Who wins is decided by how rates are chosen. At one rate for all Adam is first at no rate on this ravine; what it has is the widest range of rates that arrive. Look at the decades under “best of sweep”.",
  setup,
});

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const view = new RaceView(values, () => ({
    runners: at.who.value.map((optimizer) => ({ optimizer })),
    rates: at.mode.value === "shared" ? at.rate.value : at.mode.value,
  }));
  const modeText = ({ race: { mode, rates } }: Raced): string => {
    if (at.mode.value === "best") return "Rates: the best of a sweep for each, judged by the last loss";
    return `Rates: ${mode}${typeof rates === "number" ? `, ${short(rates)}` : ""}`;
  };

  return {
    controls: () => html`
      ${surfaceSelect(values)}
      ${segmented(values, "mode", "Learning rates", MODES)}
      ${slider(values, "rate", { label: "Rate", from: 1e-4, to: 1, log: true, disabled: at.mode.value !== "shared" })}`,
    more: () => html`
      ${runnerPicker(values, "who", "Runners")}
      ${runSliders(values)}`,
    stage() {
      const { raced } = view;
      if (raced === undefined) return view.waiting();
      return html`<div class="pair">
        ${view.map(raced)}
        <div class="beside">
          ${view.losses(raced)}
          <p class="mode">${modeText(raced)}${view.racer.busy.value ? html` <span class="busy">sweeping…</span>` : nothing}</p>
          ${view.problem()} ${view.ranking(raced)}
          ${view.readout(raced) ?? caveat()}
        </div>
      </div>`;
    },
    questions: [limitQuestion(values), firstQuestion(values), valleyQuestion(values)],
    command: () => {
      const rates = { shared: ` --lr ${at.rate.value}`, defaults: "", best: " --sweep lr" }[at.mode.value];
      const seed = landscapes[at.surface.value].noisyGrad ? ` --seed ${at.seed.value}` : "";
      return `npx thalweg race ${at.surface.value} --optimizers ${at.who.value.join(",")}${rates} --start=${view.start().join(",")} --steps ${at.steps.value}${seed}`;
    },
    rows: () => view.rows(),
    dispose: () => view.dispose(),
  };
}

/** What a race on a plane does not show, and where it is shown once that station is there. */
const caveat = (): TemplateResult => {
  const real = STATIONS.find(({ id }) => id === "train");
  return html`<p class="caveat room">Two variables and exact gradients: a real network has neither, and may rank otherwise.
    ${real === undefined ? nothing : html`<a href="#${real.id}">${real.title}</a>.`}</p>`;
};

/** The limit of gradient descent, from the curvature that the library finds. */
function limitQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "On the ravine x² + 10y², at and above which learning rate does plain gradient descent (sgd) no longer converge?",
    async check(answer) {
      if (!(answer > 0)) return { right: false, say: "A learning rate is above 0." };
      const engine = await labEngine();
      const { runs } = await race(landscapes.ravine, ["sgd"], { start: [-4, 2], steps: 400, rates: answer, engine });
      const [{ summary, limit }] = runs;
      const right = Math.abs(answer / limit!.rate - 1) <= 0.05;
      return {
        right,
        say: `At ${short(answer)} it has ${summary.split(";")[0]} within 400 steps. The limit is ${limit!.formula} = ${short(limit!.rate)}, λmax = 20 being the curvature across.`,
      };
    },
    show() {
      values.set("surface", "ravine");
      values.set("mode", "shared");
      values.set("rate", 0.105);
    },
  };
}

const FOUR = ["sgd", "momentum", "rmsprop", "adam"] as const;

/** Asks who of the four is first within the tolerance, all at one rate, in so many steps. */
const whoIsFirst = (
  ask: string,
  on: { surface: "ravine" | "rosenbrock"; start: readonly number[]; steps: number; rates: number },
  show: () => void,
): Question => ({
  ask,
  choices: FOUR,
  async check(answer) {
    const { surface, ...course } = on;
    const { ranking } = await race(landscapes[surface], FOUR, { ...course, engine: await labEngine() });
    const order = ranking.map(
      ({ label, reached }) => `${label} ${reached === undefined ? `not in ${on.steps}` : `after ${reached}`}`,
    );
    return { right: ranking[0].label === FOUR[answer], say: `In steps: ${order.join(", ")}.` };
  },
  show,
});

const firstQuestion = (values: Values<typeof fields>): Question =>
  whoIsFirst(
    "All four have the rate 0.03 on that ravine, from (−4, 2). Who is first within 0.001 of the minimum?",
    { surface: "ravine", start: [-4, 2], steps: 400, rates: 0.03 },
    () => {
      for (const name of ["surface", "mode", "rate", "who", "start"] as const)
        values.set(name, fields[name].initial as never);
    },
  );

/** Momentum is often said to be stuck in that valley. */
const valleyQuestion = (values: Values<typeof fields>): Question =>
  whoIsFirst(
    "Rosenbrock’s valley is narrow and bent. From (−1.5, 1.5), all at the rate 0.001: who is first within 0.001 of the minimum?",
    { surface: "rosenbrock", start: [-1.5, 1.5], steps: 1000, rates: 0.001 },
    () => {
      for (const name of ["mode", "who", "start"] as const) values.set(name, fields[name].initial as never);
      values.set("surface", "rosenbrock");
      values.set("rate", 0.001);
      values.set("steps", 1000);
    },
  );

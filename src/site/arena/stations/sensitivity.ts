/** Sensitivity to the learning rate: which rates of which optimizers arrive, and how soon. */
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { type LandscapeName, landscapes, type Race, race } from "../../../landscape/index.js";
import { short } from "../draw/scale.js";
import type { Trail } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { SWEPT } from "../lab/raced.js";
import { RUNNERS, ruleOf } from "../lab/runners.js";
import { SURFACES, startOn, startProblem } from "../lab/surfaces.js";
import { tex } from "../math.js";
import { slider } from "../parts/controls.js";
import { key } from "../parts/legend.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { surfaceSelect } from "../parts/race/fields.js";
import { runnerPicker } from "../parts/runnerPicker.js";
import { choice, names, point, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { ArenaRidges, type Cell, type Ridge } from "./sensitivity/ridges.js";
import { bestOf, type Course, decadesOf, Sweeps } from "./sensitivity/sweep.js";

if (customElements.get("arena-ridges") === undefined) customElements.define("arena-ridges", ArenaRidges);

/** Those with a lowest point and exact gradients. */
const GROUNDS = SURFACES.filter((name) => landscapes[name].minima.length > 0 && !landscapes[name].noisyGrad);

const fields = {
  surface: choice<LandscapeName>(GROUNDS, "ravine"),
  who: names(RUNNERS, ["sgd", "momentum", "nag", "adagrad", "rmsprop", "adam"], 8),
  steps: whole({ initial: 200, min: 10, max: 2000 }),
  start: point,
};

export default station({
  lede: "The same run again and again, each time at another learning rate: 121 of them, from 0.0001 to 100. The sooner a rate arrives, the higher its bar; what has no bar does not arrive.",
  fields,
  formulas: [
    {
      name: "Rates that are tried, 20 to a decade",
      mathml: tex`\eta_k = 10^{-4 + k/20}, \quad k = 0, \dots, 120`,
    },
    { name: "Arrived", mathml: tex`f(\theta_t) - f^* < 10^{-3}` },
  ],
  sources: [
    {
      text: "Bengio, Practical recommendations for gradient-based training of deep architectures, 2012, section 3.1",
      href: "https://arxiv.org/abs/1206.5533",
    },
    {
      text: "Schmidt, Schneider & Hennig, Descending through a crowded valley, ICML 2021",
      href: "https://arxiv.org/abs/2007.01547",
    },
  ],
  notice:
    "The fastest rate is worth little where it has to be hit. Gradient descent has a cliff at 2/λmax, and little before it. Adam is at no rate the fastest on this ravine, and arrives over more than three decades of them.",
  setup,
});

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const sweeps = new Sweeps();
  const chosen = signal<Cell>({ row: 0, column: SWEPT.length >> 1 });
  const path = signal<{ race: Race; trails: readonly Trail[] } | undefined>(undefined);
  const course = (): Course => {
    const own = at.start.value;
    const surface = at.surface.value;
    const start = own !== undefined && startProblem(landscapes[surface], own) === undefined ? own : startOn(surface);
    return { surface, start, steps: at.steps.value };
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  const stops = [
    effect(() => {
      const problem = at.start.value && startProblem(landscapes[at.surface.value], at.start.value);
      if (problem) values.problem("start", problem);
    }),
    // A start that is being dragged is swept from once it rests.
    effect(() => {
      const [here, who] = [course(), at.who.value];
      clearTimeout(timer);
      timer = setTimeout(() => void sweeps.ask(here, who), 150);
    }),
    effect(() => {
      const { surface, start, steps } = course();
      const { row, column } = chosen.value;
      const name = at.who.value[Math.min(row, at.who.value.length - 1)];
      const mine = ++asked;
      void labEngine()
        .then((engine) => race(landscapes[surface], [name], { start, steps, rates: SWEPT[column], engine }))
        .then(
          (made) => {
            const series = at.who.peek().indexOf(name);
            if (mine === asked) path.value = { race: made, trails: [{ label: name, series, path: made.runs[0].path }] };
          },
          () => {}, // the sweep says why
        );
    }),
  ];
  const ridges = (): Ridge[] =>
    at.who.value.map((name) => {
      const { lr } = ruleOf(name).hyper;
      return { name, swept: sweeps.found.value[name] ?? [], standard: typeof lr === "number" ? lr : undefined };
    });

  function plane({ race: made, trails }: { race: Race; trails: readonly Trail[] }): TemplateResult {
    const [{ label, lr, summary }] = made.runs;
    const { start } = course();
    return html`<figure class="map">
      <arena-plane .scene=${{
        landscape: landscapes[made.landscape as LandscapeName],
        trails,
        start,
        onStart: (to: [number, number]) => values.set("start", to),
        label: `${made.landscape}, the path of ${label} at the rate ${short(lr!, 3)}`,
      }}></arena-plane>
      <figcaption><b>${label}</b> at ${short(lr!, 3)}: ${summary}. Drag or click to move the start.</figcaption>
    </figure>`;
  }

  return {
    controls: () => html`
      ${surfaceSelect(values, GROUNDS)}
      ${slider(values, "steps", { label: "Steps", from: 20, to: 2000, log: true, whole: true })}`,
    more: () => runnerPicker(values, "who", "Optimizers"),
    stage() {
      const rows = ridges();
      const missing = rows.some(({ swept }) => swept.length < SWEPT.length);
      const { row, column } = chosen.value;
      const cell = { row: Math.min(row, rows.length - 1), column };
      const { problem } = sweeps;
      return html`<div class="pair">
        <figure>
          <arena-ridges .scene=${{
            ridges: rows,
            rates: SWEPT,
            steps: at.steps.value,
            chosen: cell,
            label: `Rates that arrive, of ${rows.map(({ name }) => name).join(", ")}. Arrow keys choose one`,
            onChoose: (next: Cell) => (chosen.value = next),
          }}></arena-ridges>
          <figcaption>High bars arrive in few steps; dots: diverged; nothing: not there after ${at.steps.value} steps. The triangle is the optimizer’s default. Point at a rate, or go to it with arrow keys, to see its path.${missing ? html` <span class="busy">Sweeping…</span>` : nothing}</figcaption>
          ${problem.value === "" ? nothing : html`<p class="problem" role="alert">${problem.value}</p>`}
        </figure>
        <div class="beside">
          ${path.value?.race.landscape === at.surface.value ? plane(path.value) : nothing}
        </div>
      </div>
      <div class="below">${table(rows)}
        <p class="caveat">Lowest at: the rate whose last loss is the lowest, and the steps in which it arrives. Decades: rates that end within 0.001 of the minimum, 20 to a decade. Two variables and exact gradients: a real network has neither, and may rank otherwise.</p></div>`;
    },
    questions: [decadesQuestion(), widestQuestion(values)],
    command: () => {
      const { surface, start, steps } = course();
      return `npx thalweg race ${surface} --sweep lr --optimizers ${at.who.value.join(",")} --start=${start.join(",")} --steps ${steps}`;
    },
    rows: () => [
      ["optimizer", "rate", "reached at step", "last loss"],
      ...at.who
        .peek()
        .flatMap((name) =>
          (sweeps.found.peek()[name] ?? []).map(({ lr, reached, loss }) => [
            name,
            lr,
            reached ?? "",
            Number.isFinite(loss) ? loss : "diverged",
          ]),
        ),
    ],
    dispose() {
      asked++;
      for (const stop of stops) stop();
      clearTimeout(timer);
      sweeps.dispose();
    },
  };
}

function table(rows: readonly Ridge[]): TemplateResult {
  return scrolling(
    "Best rates",
    html`<table>
      <caption class="sr">Best rates, and decades of rate that arrive</caption>
      <thead><tr><th scope="col">optimizer</th><th scope="col" class="n spare">default</th><th scope="col" class="n">lowest at</th>
        <th scope="col" class="n">steps</th><th scope="col" class="n">decades</th></tr></thead>
      <tbody>${rows.map(({ name, swept, standard }, row) => {
        const best = swept.length < SWEPT.length ? undefined : bestOf(swept);
        return html`<tr data-label=${name}><th scope="row">${key(row)}${name}</th><td class="n spare">${standard === undefined ? "–" : short(standard)}</td>
          <td class="n">${best ? short(best.lr, 3) : "…"}</td><td class="n">${best ? (best.reached ?? "–") : "…"}</td>
          <td class="n">${best ? short(decadesOf(swept), 3) : "…"}</td></tr>`;
      })}</tbody></table>`,
  );
}

const RAVINE = { start: [-4, 2], steps: 200 } as const;

/** Decades of rate that arrive on the ravine, by the library's own sweep. */
async function decadesOn(who: readonly string[]): Promise<number[]> {
  const engine = await labEngine();
  const { runs } = await race(landscapes.ravine, who, { ...RAVINE, rates: SWEPT, engine });
  return runs.map(({ decades }) => decades!);
}

function decadesQuestion(): Question {
  return {
    ask: "On x² + 10y² gradient descent needs a rate below 0.1. From (−4, 2), over how many decades of rate does it arrive within 200 steps? Give or take a fifth of one.",
    async check(answer) {
      const [decades] = await decadesOn(["sgd"]);
      return {
        right: Math.abs(answer - decades) <= 0.2,
        say: `${short(decades, 3)}: from 0.0126 to just below 0.1. Under that, 200 steps are too few; above, it diverges.`,
      };
    },
  };
}

const FOUR = ["sgd", "momentum", "rmsprop", "adam"] as const;

function widestQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "Which of these arrives there over the widest range of rates?",
    choices: FOUR,
    async check(answer) {
      const decades = await decadesOn(FOUR);
      const widest = decades.reduce((best, each, i) => (each > decades[best] ? i : best), 0);
      return {
        right: answer === widest,
        say: `In decades: ${FOUR.map((name, i) => `${name} ${short(decades[i], 3)}`).join(", ")}.`,
      };
    },
    show() {
      for (const name of ["surface", "who", "steps", "start"] as const) values.set(name, fields[name].initial as never);
    },
  };
}

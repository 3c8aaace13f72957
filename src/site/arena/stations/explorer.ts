/** The landscape explorer: every surface, what its points are, and what gradient descent makes of them. */
import { computed, effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { type Classified, type Landscape, landscapes, race, type Terrain, terrain } from "../../../landscape/index.js";
import type { Palette } from "../draw/palette.js";
import type { Pen } from "../draw/pen.js";
import { pointText, short } from "../draw/scale.js";
import type { PlaneView } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { RUNNERS } from "../lab/runners.js";
import { tex } from "../math.js";
import { select, slider } from "../parts/controls.js";
import type { Question } from "../parts/question.js";
import { raceFields, runSliders, surfaceSelect } from "../parts/race/fields.js";
import { RaceView } from "../parts/race/raceView.js";
import { choice } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { pointsOf } from "./explorer/points.js";

const fields = {
  ...raceFields({ surface: "himmelblau", rate: 0.01, steps: 100 }),
  optimizer: choice(RUNNERS, "sgd"),
};

export default station({
  lede: "Drop a ball anywhere on a surface and see where gradient descent takes it. Beside it stands what the ground is like where the ball is: how it bends, and which rate it can bear.",
  fields,
  formulas: [
    {
      name: "Around a point",
      mathml: tex`f(\theta + d) \approx f(\theta) + g^{\mathsf T} d + \tfrac12\, d^{\mathsf T} H d`,
    },
    { name: "Condition number", mathml: tex`\kappa = \frac{\lambda_{\max}}{\lambda_{\min}}` },
    { name: "Largest rate that gradient descent bears", mathml: tex`\eta < \frac{2}{\lambda_{\max}}` },
  ],
  sources: [
    { text: "Jamil & Yang, A literature survey of benchmark functions, 2013", href: "https://arxiv.org/abs/1308.4008" },
    { text: "Nocedal & Wright, Numerical Optimization, 2006, chapter 2" },
  ],
  notice:
    "A rate that suits the bottom may be far too large for the walls: curvature grows with height on most of these surfaces. Put the ball on a wall and compare 2/λmax there with that at the minimum.",
  setup,
});

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const view = new RaceView(values, () => ({
    runners: [{ optimizer: at.optimizer.value }],
    rates: at.rate.value,
  }));
  const critical = signal<readonly Classified[]>([]);
  const stop = effect(() => {
    const name = at.surface.value;
    critical.value = [];
    void pointsOf(name).then((points) => {
      if (at.surface.peek() === name) critical.value = points;
    });
  });
  // Global minima have their sign on every plane.
  const marks = computed(() =>
    critical.value
      .filter(({ global }) => !global)
      .map(({ point, kind }) => ({ point, label: kind === "minimum" ? "local minimum" : kind })),
  );
  const ground = computed<Terrain | undefined>(() => {
    const run = view.raced?.race.runs[0];
    if (run === undefined) return undefined;
    return groundAt(landscapes[at.surface.value], run.path[Math.min(run.path.length - 1, view.player.shown.value)]);
  });

  return {
    controls: () => html`
      ${surfaceSelect(values)}
      ${slider(values, "rate", { label: "Rate η", from: 1e-4, to: 1, log: true })}
      ${select(
        values,
        "optimizer",
        "Optimizer",
        RUNNERS.map((value) => ({ value, label: value })),
      )}`,
    more: () => runSliders(values),
    stage() {
      const { raced } = view;
      if (raced === undefined) return view.waiting();
      const [run] = raced.race.runs;
      const step = Math.min(run.path.length - 1, view.player.shown.value);
      const here = ground.value;
      const landscape = landscapes[at.surface.value];
      return html`<div class="pair">
        ${view.map(raced, {
          marks: marks.value,
          startLabel: "Ball",
          ...(here && {
            overlay: (pen: Pen, plane: PlaneView, palette: Palette) =>
              ellipse(pen, plane, palette, run.path[step], here, landscape),
          }),
        })}
        <div class="beside">
          <p class="mode"><b>${landscape.name}</b>: ${landscape.note} <span class="busy">${landscape.source}</span></p>
          ${groundTable(run.path[step], step, here, landscape)}
          <p class="mode">${outcomeText(run.summary, run.outcome)}</p>
          ${view.problem()}
          ${view.losses(raced, { shape: 0.42 })}
          ${view.readout(raced) ?? nothing}
        </div>
      </div>`;
    },
    questions: [divergeQuestion(values), ridgeQuestion(values)],
    command: () =>
      `npx thalweg race ${at.surface.value} --optimizers ${at.optimizer.value} --lr ${at.rate.value} --start=${view.start().join(",")} --steps ${at.steps.value}`,
    rows: () => view.rows(),
    dispose() {
      stop();
      view.dispose();
    },
  };
}

/** The terrain at a point; undefined at a cusp, which has none, and where the surface overflows. */
function groundAt(landscape: Landscape, at: readonly number[]): Terrain | undefined {
  try {
    const made = terrain(landscape, at);
    return made.eigenvalues.every(Number.isFinite) ? made : undefined;
  } catch {
    return undefined;
  }
}

function groundTable(
  at: readonly number[],
  step: number,
  here: Terrain | undefined,
  landscape: Landscape,
): TemplateResult {
  const rows: [string, string][] = [
    [step === 0 ? "At the ball" : `After step ${step}`, pointText(at)],
    ["Height", short(landscape.f(at))],
  ];
  if (here) {
    const [low, high] = here.eigenvalues;
    rows.push(
      ["Terrain", here.kind],
      ["Slope", short(here.gradientNorm)],
      ["Eigenvalues of the Hessian", `${short(low)} and ${short(high)}`],
      [low > 0 ? "Condition number κ" : "Largest over smallest, by size", short(here.conditionNumber, 3)],
      ["Limit 2/λmax", high > 0 ? short(2 / high, 3) : "none: it bends down everywhere"],
    );
  } else rows.push(["Terrain", "no Hessian here"]);
  return html`<table class="facts"><caption class="sr">The ground below the ball</caption>
    <tbody>${rows.map(([name, text]) => html`<tr><th scope="row">${name}</th><td>${text}</td></tr>`)}</tbody></table>`;
}

const WORDS = {
  reached: "",
  "not reached": "It is on its way, or has stopped at a level point.",
  diverged: "Each step overshoots further than the last.",
  escaped: "The surface falls without end: the ball has left.",
};
const outcomeText = (summary: string, outcome: keyof typeof WORDS): string => `In all: ${summary}. ${WORDS[outcome]}`;

/** The ellipse on which the curvature at the ball changes the height by one amount: narrow where it bends most. */
function ellipse(
  pen: Pen,
  view: PlaneView,
  palette: Palette,
  at: readonly number[],
  here: Terrain,
  { domain }: Landscape,
): void {
  const sizes = here.eigenvalues.map(Math.abs);
  const least = Math.min(sizes[0], sizes[1]);
  if (!(least > 0)) return;
  const reach = (domain[0][1] - domain[0][0]) * 0.16;
  // The longer half-axis has one length everywhere; the other is shorter by the root of κ.
  const halves = sizes.map((size) => reach * (least / size) ** 0.5);
  const [u, v] = here.eigenvectors;
  const points: number[] = [];
  for (let k = 0; k <= 72; k++) {
    const turn = (k / 72) * 2 * Math.PI;
    const [a, b] = [halves[0] * Math.cos(turn), halves[1] * Math.sin(turn)];
    points.push(view.px(at[0] + a * u[0] + b * v[0]), view.py(at[1] + a * u[1] + b * v[1]));
  }
  pen.line(points, { colour: palette.casing, width: 4 });
  pen.line(points, { colour: palette.ink, width: 1.5, dash: here.eigenvalues[0] < 0 ? [4, 4] : [] });
}

function divergeQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "Booth’s surface has the eigenvalues 2 and 18 everywhere. Name a rate, above the limit by no more than a tenth, at which gradient descent diverges.",
    async check(answer) {
      if (!(answer > 0)) return { right: false, say: "A rate is above 0." };
      const engine = await labEngine();
      const [run] = (await race(landscapes.booth, ["sgd"], { start: [-8, 6], steps: 2000, rates: answer, engine }))
        .runs;
      const limit = run.limit!.rate;
      const right = run.outcome === "diverged" && answer <= limit * 1.1;
      return {
        right,
        say: `At ${short(answer)} it has ${run.summary.split(";")[0]} within 2,000 steps; the limit is 2/18 = ${short(limit, 3)}.`,
      };
    },
    show() {
      values.set("surface", "booth");
      values.set("rate", 0.115);
    },
  };
}

function ridgeQuestion(values: Values<typeof fields>): Question {
  const choices = ["Gradient descent", "Momentum", "Adam", "None of them"];
  return {
    ask: "On the saddle x² − y² a run starts exactly on the ridge, at (−2.5, 0). Which leaves it within 500 steps?",
    choices,
    async check(answer) {
      const engine = await labEngine();
      const { runs } = await race(landscapes.saddle, ["sgd", "momentum", "adam"], {
        start: [-2.5, 0],
        steps: 500,
        rates: 0.03,
        engine,
      });
      const left = runs.findIndex(({ outcome }) => outcome === "escaped");
      const right = left < 0 ? choices.length - 1 : left;
      return {
        right: answer === right,
        say: "Across the ridge the gradient is 0, and so is every mean of it. From 0.000001 beside it all of them leave.",
      };
    },
    show() {
      values.set("surface", "saddle");
      values.set("start", [-2.5, 0]);
      values.set("rate", 0.03);
    },
  };
}

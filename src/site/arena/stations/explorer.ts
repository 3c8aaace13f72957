/** The landscape explorer: every surface, what its points are, and what gradient descent makes of them. */
import { computed, effect, signal } from "@preact/signals-core";
import { html, nothing } from "lit-html";
import { type Classified, landscapes, type Run, race, type Terrain } from "../../../landscape/index.js";
import type { Palette } from "../draw/palette.js";
import type { Pen } from "../draw/pen.js";
import { short } from "../draw/scale.js";
import type { PlaneView } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { RUNNERS } from "../lab/runners.js";
import { surfaceLabel } from "../lab/surfaces.js";
import { tex } from "../math.js";
import { select, slider } from "../parts/controls.js";
import type { Question } from "../parts/question.js";
import { raceFields, runSliders, surfaceSelect } from "../parts/race/fields.js";
import { RaceView } from "../parts/race/raceView.js";
import { choice } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { ellipse, groundAt, groundTable, outcomeText } from "./explorer/ground.js";
import { pointsOf } from "./explorer/points.js";

const fields = {
  ...raceFields({ surface: "himmelblau", rate: 0.01, steps: 100 }),
  optimizer: choice(RUNNERS, "sgd"),
};

export default station({
  lede: "Drop a ball anywhere on a surface and see where gradient descent takes it. Beside it stands what the ground is like, where the ball starts and where it has come to: how it bends, and which rate it can bear.",
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
  notice: html`A rate that suits the bottom may be far too large for the walls: curvature grows with height on most of these surfaces. Put the ball on a wall and compare 2/λ<sub>max</sub> there with that at the minimum.`,
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
  /** The step that is pointed at, or the last one that is shown. */
  const stepOf = (run: Run): number => Math.min(run.path.length - 1, view.hover.value?.step ?? view.player.shown.value);
  const ground = computed<Terrain | undefined>(() => {
    const run = view.raced?.race.runs[0];
    return run && groundAt(landscapes[at.surface.value], run.path[stepOf(run)]);
  });
  const firstGround = computed<Terrain | undefined>(() => {
    const run = view.raced?.race.runs[0];
    return run && groundAt(landscapes[at.surface.value], run.path[0]);
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
      const step = stepOf(run);
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
          <p class="mode"><b>${surfaceLabel(at.surface.value)}.</b> ${landscape.note} <span class="busy">Source: ${landscape.source}.</span></p>
          ${groundTable(
            [
              { name: "At the start", at: run.path[0], here: firstGround.value },
              { name: `After step ${step}`, at: run.path[step], here },
            ],
            landscape,
          )}
          <p class="mode">${outcomeText(run, landscape)}</p>
          ${view.problem()}
          ${view.losses(raced, { shape: 0.42 })}
          ${view.readout(raced) ?? nothing}
        </div>
      </div>`;
    },
    questions: [divergeQuestion(values), ridgeQuestion(values), topQuestion(values)],
    command() {
      const seed = landscapes[at.surface.value].noisyGrad ? ` --seed ${at.seed.value}` : "";
      return `npx thalweg race ${at.surface.value} --optimizers ${at.optimizer.value} --lr ${at.rate.value} --start=${view.start().join(",")} --steps ${at.steps.value}${seed}`;
    },
    rows: () => view.rows(),
    dispose() {
      stop();
      view.dispose();
    },
  };
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

function topQuestion(values: Values<typeof fields>): Question {
  const choices = [
    "At the right minimum, √1.5",
    "At the left minimum, −√1.5",
    "On the top between them, 0",
    "Nowhere: it diverges",
  ];
  return {
    ask: "f = x⁴ − 3x² + 2 has two minima. Gradient descent starts at x = 2 with the rate 0.1. Where is it after 100 steps?",
    choices,
    async check(answer) {
      const engine = await labEngine();
      const [{ path, outcome }] = (
        await race(landscapes.quartic, ["sgd"], { start: [2, 0], steps: 100, rates: 0.1, engine })
      ).runs;
      const [x] = path[path.length - 1];
      const right = outcome === "diverged" ? 3 : Math.abs(x) < 0.1 ? 2 : x > 0 ? 0 : 1;
      return {
        right: answer === right,
        say: `The first step is 0.1 times the slope 20: it lands on x = ${short(path[1][0])} exactly, where the slope is 0, and stays on the top. At 0.05 it ends at 1.225.`,
      };
    },
    show() {
      values.set("surface", "quartic");
      values.set("start", [2, 0]);
      values.set("rate", 0.1);
    },
  };
}

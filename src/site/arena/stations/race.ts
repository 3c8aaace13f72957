/** The race: optimizers from one start across one surface. */
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { type LandscapeName, landscapes, race } from "../../../landscape/index.js";
import { short } from "../draw/scale.js";
import { windowOf } from "../draw/terrain.js";
import type { ChartScene, Curve } from "../figures/chart.js";
import type { Hit, Trail } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { type Raced, Racer } from "../lab/raced.js";
import { RUNNERS } from "../lab/runners.js";
import { SURFACE_OPTIONS, SURFACES, startOn, startProblem } from "../lab/surfaces.js";
import { gradientsOf, type TraceStep, trace } from "../lab/trace.js";
import { tex } from "../math.js";
import { segmented, select, slider } from "../parts/controls.js";
import { Player } from "../parts/player.js";
import type { Question } from "../parts/question.js";
import { runnerPicker } from "../parts/runnerPicker.js";
import { choice, names, number, point, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { lastStep, rankingTable } from "./race/ranking.js";
import { arrows, readout } from "./race/readout.js";

const MODES = [
  { value: "shared", label: "One for all" },
  { value: "defaults", label: "Defaults" },
  { value: "best", label: "Best of sweep" },
] as const;
/** Losses nearer to the minimum are drawn there: f32 parameters go little further. */
const FLOOR = 1e-10;

const fields = {
  surface: choice<LandscapeName>(SURFACES, "ravine"),
  mode: choice<"shared" | "defaults" | "best">(["shared", "defaults", "best"], "shared"),
  rate: number({ initial: 0.03, min: 0, above: true, max: 1e12 }),
  who: names(RUNNERS, ["sgd", "momentum", "rmsprop", "adam"], 8),
  steps: whole({ initial: 320, min: 1, max: 5000 }),
  speed: whole({ initial: 1, min: 1, max: 1000 }),
  start: point,
  seed: whole({ initial: 1, min: 0, max: 2 ** 31 }),
};

export default station({
  lede: "Optimizers start at one point and walk down one surface. Drag the start, or change the rate, and every path is walked anew by the library itself.",
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
  const racer = new Racer();
  const hover = signal<Hit | undefined>(undefined);
  const dragged = signal(false);
  const player = new Player(() => (racer.result.value ? lastStep(racer.result.value.race) : 0), at.speed);
  let settle: ReturnType<typeof setTimeout> | undefined;
  let played = "";

  const start = (): readonly number[] => {
    const own = at.start.value;
    const surface = at.surface.value;
    return own !== undefined && startProblem(landscapes[surface], own) === undefined ? own : startOn(surface);
  };
  const wanted = () => ({
    landscape: landscapes[at.surface.value],
    runners: at.who.value.map((optimizer) => ({ optimizer })),
    start: start(),
    steps: at.steps.value,
    rates: at.mode.value === "shared" ? at.rate.value : at.mode.value,
    seed: at.seed.value,
  });
  const stops = [
    effect(() => racer.ask(wanted(), dragged.value)),
    effect(() => {
      const own = at.start.value;
      const problem = own && startProblem(landscapes[at.surface.value], own);
      if (problem) values.problem("start", problem);
    }),
    // A race on another surface plays by itself; one whose start or rate was moved is shown whole.
    effect(() => {
      if (racer.result.value === undefined) return;
      traces.clear();
      const { landscape } = racer.result.value.race;
      if (dragged.peek() || (landscape === played && !player.playing.peek())) player.finish();
      else player.begin();
      played = landscape;
    }),
  ];
  const traces = new Map<number, readonly TraceStep[]>();
  const traced = signal(0);

  /** The steps of the runner below the pointer, written down when first asked for. */
  function stepsOf({ race }: Raced, series: number): readonly TraceStep[] {
    const known = traces.get(series);
    if (known) return known;
    traces.set(series, []);
    const { optimizer, lr, path } = race.runs[series];
    const surface = landscapes[at.surface.peek()];
    const seeded = surface.withSeed?.(at.seed.peek()) ?? surface;
    void labEngine().then((engine) => {
      const hyper = lr === undefined ? {} : { lr };
      traces.set(series, trace(engine, optimizer, hyper, race.start, path.length, gradientsOf(seeded)));
      traced.value++;
    });
    return [];
  }

  function move(to: [number, number]): void {
    dragged.value = true;
    values.set("start", to);
    clearTimeout(settle);
    settle = setTimeout(() => (dragged.value = false), 250);
  }

  // What figures are given stays the same object until the race is another, so that a frame draws what is new alone.
  let shaped: { of: Raced; trails: Trail[]; curves: Curve[]; x: ChartScene["x"]; y: ChartScene["y"] } | undefined;
  function shapes(raced: Raced) {
    if (shaped?.of === raced) return shaped;
    const { runs, steps, landscape } = raced.race;
    const lowest = landscapes[landscape as LandscapeName].minima[0]?.value;
    const trails = runs.map(({ label, path }, series) => ({ label, path, series }));
    const curves = runs.map(({ label, losses }, series) => ({
      label,
      series,
      values: lowest === undefined ? losses : losses.map((loss) => Math.max(FLOOR, loss - lowest)),
    }));
    // A run that diverges leaves the picture, and takes not the axis with it.
    const most = runs[0].losses[0] - (lowest ?? 0);
    const y =
      lowest === undefined
        ? { label: "f" }
        : { label: "f − f*", log: true, to: 10 ** (Math.ceil(Math.log10(Math.max(FLOOR * 10, most))) + 1) };
    shaped = { of: raced, trails, curves, x: { label: "step", from: 0, to: steps }, y };
    return shaped;
  }

  function stage(): TemplateResult {
    const raced = racer.result.value;
    const landscape = landscapes[at.surface.value];
    const problem = racer.problem.value;
    if (raced === undefined || raced.race.landscape !== at.surface.value)
      return html`<p class="loading">${problem || "Starting the engine…"}</p>`;
    const { trails, curves, x, y } = shapes(raced);
    const shown = player.shown.value;
    const hit = hover.value;
    const [x0, x1] = windowOf(landscape);
    traced.value;
    const steps = hit ? stepsOf(raced, hit.series) : [];
    const onHover = (next: Hit | undefined): void => {
      hover.value = next;
    };
    const label = `${landscape.name}, ${curves.length} paths to step ${shown} of ${lastStep(raced.race)}`;
    return html`
      <div class="pair">
        <figure class="map">
          <arena-plane .scene=${{
            landscape,
            trails,
            shown,
            hover: hit,
            start: start(),
            onStart: move,
            onHover,
            label,
            arrows: hit && !player.playing.value ? arrows(raced.race, hit, steps, (x1 - x0) * 0.14) : [],
          }}></arena-plane>
          ${player.bar()}
          <figcaption>f = ${landscape.formula}. Lines of equal log(1 + f − f*); + is a minimum. ${hit ? "Arrows show directions, not lengths." : "Drag or click to move the start."}</figcaption>
        </figure>
        <div class="beside">
          <arena-chart .scene=${{ curves, x, y, shown, hover: hit, onHover, label: `Loss by step. ${label}` }}></arena-chart>
          <p class="mode">${modeText(raced)}${racer.busy.value ? html` <span class="busy">sweeping…</span>` : nothing}</p>
          ${problem === "" ? nothing : html`<p class="problem" role="alert">${problem}</p>`}
          <div class="scroll">${rankingTable({ ...raced, shown, lowest: landscape.minima[0]?.value, hover: hit, onHover })}</div>
          ${hit ? readout(raced.race, hit, steps) : html`<p class="caveat">Two variables and exact gradients: a real network has neither, and may rank otherwise.</p>`}
        </div>
      </div>`;
  }

  const modeText = ({ race: { mode, rates } }: Raced): string => {
    if (at.mode.value === "best") return "Rates: the best of a sweep for each, judged by the last loss";
    return `Rates: ${mode}${typeof rates === "number" ? `, ${short(rates)}` : ""}`;
  };

  return {
    controls: () => html`
      ${select(values, "surface", "Surface", SURFACE_OPTIONS)}
      ${segmented(values, "mode", "Learning rates", MODES)}
      ${slider(values, "rate", { label: "Rate", from: 1e-4, to: 1, log: true, disabled: at.mode.value !== "shared" })}`,
    more: () => html`
      ${runnerPicker(values, "who", "Runners")}
      ${slider(values, "steps", { label: "Steps", from: 10, to: 5000, log: true, whole: true })}
      ${slider(values, "speed", { label: "Steps a frame", from: 1, to: 1000, log: true, whole: true })}
      ${landscapes[at.surface.value].noisyGradient ? slider(values, "seed", { label: "Seed of the noise", from: 0, to: 100, whole: true }) : nothing}`,
    stage,
    questions: [limitQuestion(values), firstQuestion(values)],
    command: () => {
      const rates = { shared: ` --lr ${at.rate.value}`, defaults: "", best: " --sweep lr" }[at.mode.value];
      const seed = landscapes[at.surface.value].noisyGradient ? ` --seed ${at.seed.value}` : "";
      return `npx thalweg race ${at.surface.value} --optimizers ${at.who.value.join(",")}${rates} --start=${start().join(",")} --steps ${at.steps.value}${seed}`;
    },
    rows: () => {
      const raced = racer.result.peek();
      if (raced === undefined) return [];
      const rows = raced.race.runs.flatMap(({ label, lr, path, losses }) =>
        path.map((at, step) => [label, lr ?? "", step, ...at, losses[step]]),
      );
      return [["runner", "rate", "step", "x", "y", "f"], ...rows];
    },
    dispose() {
      for (const stop of stops) stop();
      clearTimeout(settle);
      racer.dispose();
      player.dispose();
    },
  };
}

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

function firstQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "All four have the rate 0.03 on that ravine, from (−4, 2). Who is first within 0.001 of the minimum?",
    choices: FOUR,
    async check(answer) {
      const engine = await labEngine();
      const { ranking } = await race(landscapes.ravine, FOUR, { start: [-4, 2], steps: 400, rates: 0.03, engine });
      const order = ranking.map(
        ({ label, reached }) => `${label} ${reached === undefined ? "not in 400" : `after ${reached}`}`,
      );
      return { right: ranking[0].label === FOUR[answer], say: `In steps: ${order.join(", ")}.` };
    },
    show() {
      for (const name of ["surface", "mode", "rate", "who", "start"] as const)
        values.set(name, fields[name].initial as never);
    },
  };
}

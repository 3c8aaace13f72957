/** A race in a station: runs what the fields ask for, plays it, and gives the figures that show it. */
import { computed, effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { type LandscapeName, landscapes, type Race } from "../../../../landscape/index.js";
import { windowOf } from "../../draw/terrain.js";
import type { ChartScene, Curve } from "../../figures/chart.js";
import type { Hit, PlaneScene, Trail } from "../../figures/planeScene.js";
import { labEngine } from "../../lab/engine.js";
import { type Raced, Racer, type Wanted } from "../../lab/raced.js";
import { startOn, startProblem } from "../../lab/surfaces.js";
import { gradientsOf, type TraceStep, trace } from "../../lab/trace.js";
import type { Values } from "../../state/values.js";
import { scrolling } from "../numbers.js";
import { Player } from "../player.js";
import type { Rows } from "../take.js";
import type { RaceFields } from "./fields.js";
import { lastStep, rankingTable } from "./ranking.js";
import { arrows, readout } from "./readout.js";

/** Losses nearer to the minimum are drawn there: f32 parameters go little further. */
const FLOOR = 1e-10;

/** Who runs and at which rates; read anew when a signal that it reads changes. */
export type Runners = () => Pick<Wanted, "runners" | "rates">;

interface Shapes {
  readonly of: Raced;
  readonly trails: readonly Trail[];
  readonly curves: readonly Curve[];
  readonly x: ChartScene["x"];
  readonly y: ChartScene["y"];
}

export class RaceView {
  readonly racer = new Racer();
  readonly player: Player;
  readonly #pointed = signal<Hit | undefined>(undefined);
  /** What is pointed at, as long as the race has it: another race may have fewer runners, and shorter runs. */
  readonly hover = computed<Hit | undefined>(() => {
    const hit = this.#pointed.value;
    const run = hit && this.racer.result.value?.race.runs[hit.series];
    return run && { series: hit.series, step: Math.min(hit.step, run.path.length - 1) };
  });
  readonly #values: Values<RaceFields>;
  readonly #runners: Runners;
  readonly #dragged = signal(false);
  readonly #traces = new Map<number, readonly TraceStep[]>();
  readonly #traced = signal(0);
  readonly #stops: (() => void)[];
  #settle: ReturnType<typeof setTimeout> | undefined;
  #shapes: Shapes | undefined;

  /** The values are those of a station whose fields have `raceFields` among them. */
  // biome-ignore lint/suspicious/noExplicitAny: of any station that has the fields of a race
  constructor(values: Values<any>, runners: Runners) {
    this.#values = values;
    this.#runners = runners;
    const { racer } = this;
    this.player = new Player(() => (racer.result.value ? lastStep(racer.result.value.race) : 0), this.#values.at.speed);
    let played = "";
    this.#stops = [
      effect(() => racer.ask(this.#wanted(), this.#dragged.value)),
      effect(() => {
        const own = values.at.start.value as readonly number[] | undefined;
        const problem = own && startProblem(landscapes[this.surface], own);
        if (problem) values.problem("start", problem);
      }),
      // A race on another surface plays by itself; one whose start or rate was moved is shown whole.
      effect(() => {
        if (racer.result.value === undefined) return;
        this.#traces.clear();
        const { landscape } = racer.result.value.race;
        if (this.#dragged.peek() || (landscape === played && !this.player.playing.peek())) this.player.finish();
        else this.player.begin();
        played = landscape;
      }),
    ];
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#settle);
    this.racer.dispose();
    this.player.dispose();
  }

  /** The start of the address, or the surface's own where it has none that is within the domain. */
  start(): readonly number[] {
    const own = this.#values.at.start.value as readonly number[] | undefined;
    const { surface } = this;
    return own !== undefined && startProblem(landscapes[surface], own) === undefined ? own : startOn(surface);
  }

  get surface(): LandscapeName {
    return this.#values.at.surface.value;
  }

  #wanted(): Wanted {
    const { steps, seed } = this.#values.at;
    const landscape = landscapes[this.surface];
    return { landscape, ...this.#runners(), start: this.start(), steps: steps.value, seed: seed.value };
  }

  #move = (to: [number, number]): void => {
    this.#dragged.value = true;
    this.#values.set("start", to);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      this.#dragged.value = false;
    }, 250);
  };

  #onHover = (next: Hit | undefined): void => {
    this.#pointed.value = next;
  };

  /** The race that is shown; undefined until the first has run on the surface that is chosen. */
  get raced(): Raced | undefined {
    const raced = this.racer.result.value;
    return raced?.race.landscape === this.surface ? raced : undefined;
  }

  /** What stands in the place of the figures while there is no race. */
  waiting(): TemplateResult {
    const { problem, busy } = this.racer;
    return html`<p class="loading">${problem.value || (busy.value ? "Sweeping the rates…" : "Starting the engine…")}</p>`;
  }

  problem(): TemplateResult | typeof nothing {
    const text = this.racer.problem.value;
    return text === "" ? nothing : html`<p class="problem" role="alert">${text}</p>`;
  }

  /** What figures are given stays the same object until the race is another, so that a frame draws what is new alone. */
  #shaped(raced: Raced): Shapes {
    if (this.#shapes?.of === raced) return this.#shapes;
    const { runs, steps, landscape } = raced.race;
    const lowest = landscapes[landscape as LandscapeName].minima[0]?.value;
    const trails = runs.map(({ label, path }, series) => ({ label, path, series }));
    const curves = runs.map(({ label, losses }, series) => ({
      label,
      series,
      values: lowest === undefined ? losses : losses.map((loss) => Math.max(FLOOR, loss - lowest)),
    }));
    // A run that diverges leaves the picture, and takes not the axis with it.
    const most = Math.max(FLOOR * 10, runs[0].losses[0] - (lowest ?? 0));
    const y =
      lowest === undefined
        ? { label: "f" }
        : { label: "f − f*", log: true, to: 10 ** (Math.ceil(Math.log10(most)) + 1) };
    this.#shapes = { of: raced, trails, curves, x: { label: "step", from: 0, to: steps, whole: true }, y };
    return this.#shapes;
  }

  label(raced: Raced): string {
    return `${raced.race.landscape}, ${raced.race.runs.length} paths to step ${this.player.told.value} of ${lastStep(raced.race)}`;
  }

  /** The surface with the paths and the bar that plays them. */
  map(raced: Raced, more: Partial<PlaneScene> = {}): TemplateResult {
    const landscape = landscapes[this.surface];
    const [x0, x1] = windowOf(landscape);
    const hit = this.hover.value;
    const still = hit && !this.player.playing.value;
    const scene: PlaneScene = {
      landscape,
      trails: this.#shaped(raced).trails,
      shown: this.player.shown.value,
      hover: hit,
      start: this.start(),
      onStart: this.#move,
      onHover: this.#onHover,
      label: this.label(raced),
      arrows: still ? arrows(raced.race, hit, this.stepsOf(raced, hit.series), (x1 - x0) * 0.14) : [],
      ...more,
    };
    return html`<figure class="map">
      <arena-plane .scene=${scene}></arena-plane>
      ${this.player.bar()}
      <figcaption>f = ${landscape.formula}. ${
        landscape.minima.length === 0
          ? "Lines of equal log(1 + f − f*), f* the least in sight."
          : "Lines of equal log(1 + f − f*); + is a minimum."
      }
        ${still ? "Arrows show directions, not lengths." : "Drag or click to move the start."}</figcaption>
    </figure>`;
  }

  /** The losses by step. */
  losses(raced: Raced, more: Partial<ChartScene> = {}): TemplateResult {
    const { curves, x, y } = this.#shaped(raced);
    return this.chart({ curves, x, y, label: `Loss by step. ${this.label(raced)}`, ...more });
  }

  /** Curves by step that share what is shown and pointed at with the paths. */
  chart(scene: ChartScene): TemplateResult {
    const shared = { shown: this.player.shown.value, hover: this.hover.value, onHover: this.#onHover, ...scene };
    return html`<arena-chart .scene=${shared}></arena-chart>`;
  }

  ranking(raced: Raced): TemplateResult {
    const lowest = landscapes[this.surface].minima[0]?.value;
    const [shown, hover, onHover] = [this.player.told.value, this.hover.value, this.#onHover];
    return scrolling("Ranking", rankingTable({ ...raced, shown, lowest, hover, onHover }));
  }

  /** The step that is pointed at, taken apart; undefined where none is. */
  readout(raced: Raced): TemplateResult | undefined {
    const hit = this.hover.value;
    return hit && raced.race.runs[hit.series] ? readout(raced.race, hit, this.stepsOf(raced, hit.series)) : undefined;
  }

  /** The steps of a runner with gradients and moments, written down when first asked for: empty until then. */
  stepsOf({ race }: Raced, series: number): readonly TraceStep[] {
    this.#traced.value;
    const known = this.#traces.get(series);
    if (known) return known;
    this.#traces.set(series, []);
    const run = race.runs[series];
    if (run === undefined) return [];
    const surface = landscapes[race.landscape as LandscapeName];
    const seeded = surface.withSeed?.(this.#values.at.seed.value) ?? surface;
    const options = this.#runners().runners[series]?.options;
    void labEngine().then((engine) => {
      const hyper = { ...options, ...(run.lr !== undefined && { lr: run.lr }) };
      const steps = trace(engine, run.optimizer, hyper, race.start, run.path.length, gradientsOf(seeded));
      this.#traces.set(series, steps);
      this.#traced.value++;
    });
    return [];
  }

  /** All points of all paths. */
  rows(): Rows {
    const race: Race | undefined = this.racer.result.peek()?.race;
    const rows = race?.runs.flatMap(({ label, lr, path, losses }) =>
      path.map((at, step) => [label, lr ?? "", step, ...at, losses[step]]),
    );
    return [["runner", "rate", "step", "x", "y", "f"], ...(rows ?? [])];
  }
}

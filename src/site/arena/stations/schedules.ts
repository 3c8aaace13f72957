/** Schedules: every one of the library over a run, with a warm-up before it and another one after it. */

import { signal } from "@preact/signals-core";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { Schedule } from "../../../index.js";
import * as schedules from "../../../schedule/index.js";
import { short } from "../draw/scale.js";
import type { ChartScene } from "../figures/chart.js";
import { tex } from "../math.js";
import { checkbox, select, slider } from "../parts/controls.js";
import type { Question } from "../parts/question.js";
import { choice, flag, number, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { codeOf, KIND_NAMES, KINDS, kindOf, made, type Run } from "./schedules/kinds.js";

const fields = {
  kind: choice(KIND_NAMES, "cosine"),
  peak: number({ initial: 0.001, min: 0, above: true, max: 1e6 }),
  steps: whole({ initial: 1000, min: 2, max: 100_000 }),
  warmup: whole({ initial: 100, min: 0, max: 50_000 }),
  zero: flag(false),
  to: number({ initial: 0, min: 0, max: 1e6 }),
  next: choice(["none", ...KIND_NAMES], "none"),
  nextSteps: whole({ initial: 300, min: 2, max: 100_000 }),
};

export default station({
  lede: "A rate that is right at the start is too large at the end. A schedule says what it is at each step: pick one, put a warm-up before it, and another one after it.",
  fields,
  formulas: [
    {
      name: "Cosine over T steps, from the peak to the end",
      mathml: tex`\eta_t = \eta_{\min} + \frac{\eta_{\max}-\eta_{\min}}{2}\left(1+\cos\frac{\pi t}{T}\right)`,
    },
    { name: "Warm-up of w steps before it", mathml: tex`\eta_t = \eta_{\max}\, \frac{t+1}{w}, \quad t < w` },
  ],
  sources: [
    {
      text: "Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017",
      href: "https://arxiv.org/abs/1608.03983",
    },
    { text: "Goyal et al., Accurate, large minibatch SGD, 2017 (warm-up)", href: "https://arxiv.org/abs/1706.02677" },
  ],
  notice:
    "Cosine and linear must know the length of the run beforehand; warm-up, stable, decay need not: it can be held as long as one likes, and decays when one has had enough.",
  setup,
});

const POINTS = 400;
const RISEN = "warm-up ends";

interface Composed {
  readonly schedule: Schedule;
  readonly steps: number;
  readonly code: string;
  /** As `thalweg schedule` reads it, where it can. */
  readonly words?: string;
  /** The steps at which one part ends and the next begins. */
  readonly joints: readonly { readonly x: number; readonly label: string }[];
}

function composed({ at }: Values<typeof fields>): Composed {
  const kind = kindOf(at.kind.value);
  const steps = at.steps.value;
  const warmup = kind.rises ? 0 : Math.min(at.warmup.value, steps - 1);
  const run: Run = { peak: at.peak.value, steps: steps - warmup, to: at.to.value };
  let schedule = made(kind, run);
  let code = codeOf(kind, run);
  const joints: { x: number; label: string }[] = [];
  const wordsOf = (name: string, each: Run): string | undefined => {
    const words = kindOf(name).words?.(each);
    return words === undefined ? undefined : `${name} ${each.peak} over ${each.steps}${words}`;
  };
  let words = wordsOf(kind.name, run);
  if (warmup > 0) {
    const zero = at.zero.value;
    schedule = schedules.warmup(warmup, schedule, zero ? { from: 0 } : {});
    code = `schedules.warmup(\n  ${warmup},\n  ${code},${zero ? "\n  { from: 0 }," : ""}\n)`;
    words = zero ? undefined : words && `warmup ${warmup}, ${words}`;
    joints.push({ x: warmup, label: RISEN });
  }
  if (at.next.value === "none") return { schedule, steps, code, joints, ...(words && { words }) };
  // The second part goes on from where the first has come to, or from a tenth of the peak.
  const peak = run.to > 0 ? run.to : Number((run.peak / 10).toPrecision(6));
  const later: Run = { peak, steps: at.nextSteps.value, to: 0 };
  const next = kindOf(at.next.value);
  const more = wordsOf(next.name, later);
  return {
    schedule: schedules.join([schedule, made(next, later)], [steps]),
    steps: steps + later.steps,
    code: `schedules.join([\n  ${code.replaceAll("\n", "\n  ")},\n  ${codeOf(next, later)},\n], [${steps}])`,
    joints: [...joints, { x: steps, label: next.name }],
    ...(words && more && { words: `${words}, ${more}` }),
  };
}

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const hover = signal<{ series: number; step: number } | undefined>(undefined);
  let last: { of: string; chart: Pick<ChartScene, "curves" | "x" | "y"> } | undefined;

  function chart({ schedule, steps, code }: Composed): Pick<ChartScene, "curves" | "x" | "y"> {
    if (last?.of === code + steps) return last.chart;
    const points = schedules.points(schedule, { steps: steps + 1, count: POINTS });
    const curve = { label: "", series: 0, values: points.map(([, value]) => value), xs: points.map(([step]) => step) };
    last = {
      of: code + steps,
      chart: {
        curves: [curve],
        x: { label: "step", from: 0, to: steps, whole: true },
        y: { label: "learning rate", from: 0, to: most(curve.values) * 1.08 },
      },
    };
    return last.chart;
  }

  function stage(): TemplateResult {
    let found: Composed;
    try {
      found = composed(values);
    } catch (error) {
      return html`<p class="problem" role="alert">${error instanceof Error ? error.message : String(error)}</p>`;
    }
    const { schedule, steps, joints } = found;
    const rows = tellingSteps(steps, joints);
    return html`
      <div class="pair">
        <figure><arena-chart .scene=${{
          ...chart(found),
          marks: joints,
          hover: hover.value,
          shape: 0.55,
          label: `Learning rate by step: ${schedule}`,
          onHover: (hit: { series: number; step: number } | undefined) => (hover.value = hit),
        }}></arena-chart>
          <figcaption>${String(schedule)}</figcaption></figure>
        <div class="beside"><table><caption class="sr">Values</caption>
          <thead><tr><th scope="col">step</th><th scope="col" class="n">learning rate</th></tr></thead>
          <tbody>${rows.map((step) => html`<tr><th scope="row">${step}</th><td class="n">${short(schedule(step), 6)}</td></tr>`)}</tbody></table>
          <p class="caveat">Source of ${at.kind.value}: ${kindOf(at.kind.value).source}.
            ${joints[0]?.label === RISEN && !at.zero.value ? "The warm-up is one step ahead of a line from 0, so that no step is wasted on a rate of 0; under More it begins there." : nothing}</p>
        </div>
      </div>
      <ul class="gallery" aria-label="All schedules">${KINDS.map(
        (kind) => html`<li>
        <button type="button" aria-pressed=${kind.name === at.kind.value ? "true" : "false"} @click=${() => values.set("kind", kind.name)}>
          ${thumbnail(kind.name)}${kind.name}</button></li>`,
      )}</ul>`;
  }

  /** Whether where it ends is the visitor's choice; what follows begins there, whatever comes before. */
  const ends = (): boolean => {
    const { ends: itself, nears } = kindOf(at.kind.value);
    return itself === true || nears === true || at.next.value !== "none";
  };

  return {
    controls: () => html`
      ${select(
        values,
        "kind",
        "Schedule",
        KIND_NAMES.map((value) => ({ value, label: value })),
      )}
      ${slider(values, "peak", { label: "Peak", from: 1e-5, to: 1, log: true })}
      ${slider(values, "steps", { label: "Steps", from: 10, to: 10_000, log: true, whole: true })}
      ${slider(values, "warmup", { label: kindOf(at.kind.value).rises ? "Warm-up (it has its own)" : "Warm-up", from: 0, to: Math.max(1, Math.floor(at.steps.value / 2)), whole: true, disabled: kindOf(at.kind.value).rises === true })}`,
    more: () => html`
      ${checkbox(values, "zero", "Warm-up from 0")}
      ${slider(values, "to", { label: ends() ? "Where it ends" : "Where it ends (it has its own)", from: 0, to: at.peak.value, disabled: !ends() })}
      ${select(
        values,
        "next",
        "Then",
        ["none", ...KIND_NAMES].map((value) => ({ value, label: value })),
      )}
      ${at.next.value === "none" ? nothing : slider(values, "nextSteps", { label: "Steps of the second", from: 10, to: 10_000, log: true, whole: true })}`,
    stage,
    questions: [valueQuestion(values), highestQuestion()],
    command: () => {
      const words = safely(() => composed(values).words);
      return words === undefined ? undefined : `npx thalweg schedule "${words}"`;
    },
    code() {
      const found = safely(() => composed(values));
      if (found === undefined) return undefined;
      const { code, steps, joints } = found;
      const told = [at.kind.value, at.next.value].includes("reduceOnPlateau");
      const end = told
        ? "// It goes by the losses that it is told: lr.step(loss) after each epoch.\nconsole.log(0, lr(0));"
        : `for (const step of [${tellingSteps(steps, joints).join(", ")}])\n  console.log(step, lr(step));`;
      return `import { schedules } from "thalweg";

// For any optimizer: adamw(model.parameters(), { lr })
const lr = ${code};
${end}`;
    },
    rows: () => {
      const found = safely(() => composed(values));
      if (found === undefined) return [["step", "learning rate"]];
      return [
        ["step", "learning rate"],
        ...schedules.points(found.schedule, { steps: found.steps + 1, count: POINTS }),
      ];
    },
  };
}

/** The ends of parts and the quarters of what follows the warm-up: steps at which a schedule says most. */
function tellingSteps(steps: number, joints: Composed["joints"]): number[] {
  const risen = joints[0]?.label === RISEN ? joints[0].x : 0;
  const quarters = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(risen + part * (steps - risen)));
  const all = new Set([0, risen >> 1, ...quarters, ...joints.map(({ x }) => x)]);
  return [...all].sort((a, b) => a - b);
}

const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 1e-12);

function safely<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

const thumbnails = new Map<string, TemplateResult>();

/** A schedule over a hundred steps, small. */
function thumbnail(name: string): TemplateResult {
  const known = thumbnails.get(name);
  if (known) return known;
  const points = schedules.points(made(kindOf(name), { peak: 0.9, steps: 100, to: 0 }), { steps: 101, count: 101 });
  const top = most(points.map(([, value]) => value));
  const line = points.map(([step, value]) => `${step},${(38 - (value / top) * 36).toFixed(1)}`).join(" ");
  const drawn = html`<svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">${svg`<line x1="0" y1="38" x2="100" y2="38" /><polyline points=${line} />`}</svg>`;
  thumbnails.set(name, drawn);
  return drawn;
}

function valueQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "A warm-up of 100 steps, then cosine to 0, 1,000 steps in all, and a peak of 0.001. What is the rate at step 550?",
    check(answer) {
      const at = schedules.warmup(100, schedules.cosine(0.001, { steps: 900 }))(550);
      return {
        right: Math.abs(answer / at - 1) < 0.02,
        say: `It is ${short(at)}: step 550 is half-way through the 900 steps of the cosine.`,
      };
    },
    show() {
      for (const [name, value] of Object.entries({
        kind: "cosine",
        peak: 0.001,
        steps: 1000,
        warmup: 100,
        zero: false,
        to: 0,
        next: "none",
      }))
        values.set(name as keyof typeof fields, value as never);
    },
  };
}

function highestQuestion(): Question {
  const choices = ["cosine", "linear", "wsd", "stepDecay"];
  return {
    ask: "All over the same run, with the same peak, and an end of 0. Which has the highest rate after three quarters of the steps?",
    choices,
    check(answer) {
      const run = { peak: 1, steps: 1000, to: 0 };
      const found = choices.map((name) => ({ name, value: made(kindOf(name), run)(750) }));
      const best = found.reduce((a, b) => (b.value > a.value ? b : a));
      return {
        right: choices[answer] === best.name,
        say: `In shares of the peak: ${found.map(({ name, value }) => `${name} ${short(value, 3)}`).join(", ")}.`,
      };
    },
  };
}

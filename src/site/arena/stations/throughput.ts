/** A small bench in this browser: the kernels, their twin in JavaScript, and a plain loop. */
import { batch, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { short } from "../draw/scale.js";
import { tex } from "../math.js";
import { segmented } from "../parts/controls.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { choice } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { CONTESTS, type Contest, type Host, type Measured, type Said } from "./throughput/bench.js";
import { codeOf } from "./throughput/code.js";
import "./throughput/throughput.css";

const fields = { simd: choice(["auto", "strict"], "auto") };
const HOSTS: readonly (readonly [Host, string])[] = [
  ["wasm", "wasm"],
  ["js", "JavaScript, the library’s"],
  ["loop", "JavaScript, a plain loop"],
];

export default station({
  lede: "How fast this browser is, on this machine: SIMD kernels in WebAssembly beside the same steps in JavaScript.",
  fields,
  formulas: [
    { name: "Work of a matrix product", mathml: tex`2\, m\, n\, k \ \text{operations}` },
    {
      name: "Traffic of a step of Adam, f32",
      mathml: tex`4\ \text{bytes} \times (4\ \text{read} + 3\ \text{written})`,
    },
  ],
  sources: [
    {
      text: "Haas et al., Bringing the web up to speed with WebAssembly, PLDI 2017",
      href: "https://doi.org/10.1145/3062341.3062363",
    },
    {
      text: "Williams, Waterman & Patterson, Roofline: an insightful visual performance model, Communications of the ACM 52, 2009",
      href: "https://doi.org/10.1145/1498765.1498785",
    },
  ],
  notice:
    "A step of Adam reads and writes more than it computes, so that memory sets its pace; a matrix product uses each number hundreds of times, and there SIMD gains most.",
  setup,
});

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const found = signal<readonly Measured[]>([]);
  const engine = signal<{ backend: string; reason: string } | undefined>(undefined);
  const running = signal(false);
  const problem = signal("");
  let worker: Worker | undefined;

  const stop = (): void => {
    worker?.terminate();
    worker = undefined;
    running.value = false;
  };
  const measure = (): void => {
    stop();
    batch(() => {
      found.value = [];
      problem.value = "";
      running.value = true;
    });
    const mine = new Worker(new URL("./throughput/worker.ts", import.meta.url), { type: "module" });
    worker = mine;
    mine.addEventListener("error", (event) => {
      event.preventDefault();
      problem.value = event.message || "The worker that measures could not be started";
      stop();
    });
    mine.addEventListener("message", ({ data }: MessageEvent<Said>) => {
      if (worker !== mine) return;
      if ("engine" in data) engine.value = data.engine;
      else if ("measured" in data) found.value = [...found.peek(), data.measured];
      else {
        if ("problem" in data) problem.value = data.problem;
        stop();
      }
    });
    mine.postMessage(at.simd.peek());
  };

  /** How much faster wasm is than what it is measured beside. */
  const wins = ({ wasm, js, loop }: Measured["times"]): string => {
    if (wasm === undefined) return "";
    const over = (time: number | undefined, words: string): string[] =>
      time === undefined ? [] : [`${short(time / wasm, 2)} times ${words}`];
    const found = [...over(js, "the library’s JavaScript"), ...over(loop, "a plain loop")];
    return found.length === 0 ? "" : `; wasm ${found.join(", ")}`;
  };
  const timesOf = (id: string): Measured["times"] => found.value.find((each) => each.id === id)?.times ?? {};
  function contest({ id, work, unit, amount, loop }: Contest): TemplateResult {
    const times = timesOf(id);
    const measuredYet = Object.keys(times).length > 0;
    // Before they are measured the lanes stand empty: who will run, and no jump of the page when they have.
    const lanes = HOSTS.filter(([name]) => (measuredYet ? times[name] !== undefined : name !== "loop" || loop));
    const rateOf = (name: Host): number => amount / (times[name] ?? Number.POSITIVE_INFINITY);
    const most = lanes.reduce((best, [name]) => Math.max(best, rateOf(name)), 0) || 1;
    return html`<section class="contest" data-task=${id}><h2>${work}</h2>
      ${lanes.map(
        ([name, label]) => html`<div class="lane"><span>${label}</span>
        <meter min="0" max=${most} .value=${rateOf(name)} aria-label="${label}, ${unit}"></meter>
        ${measuredYet ? html`<b data-host=${name}>${short(rateOf(name), 3)}</b>` : html`<span>–</span>`}</div>`,
      )}
      <p class="caveat">${measuredYet ? "" : running.value ? "Measuring: " : "Not measured yet: "}${unit}${wins(times)}</p>
    </section>`;
  }

  return {
    controls: () =>
      html`${segmented(values, "simd", "Kernels", [
        { value: "auto", label: "The fastest" },
        { value: "strict", label: "Strict: the same bits everywhere" },
      ])}`,
    figures: false,
    stage: () => html`
      <div class="row take"><button type="button" class="primary" ?disabled=${running.value} @click=${measure}>Measure, some six seconds</button>
        <button type="button" class="plain" ?disabled=${!running.value} @click=${stop}>Stop</button></div>
      ${problem.value === "" ? nothing : html`<p class="problem wide" role="alert">${problem.value}</p>`}
      ${engine.value ? html`<p class="mode" data-reason>Runs on ${engine.value.reason}.</p>` : nothing}
      <div class="contests">${CONTESTS.map(contest)}</div>
      ${scrolling("What is measured", html`<p class="caveat">Medians of five rounds in turns, in one worker, on one thread, after 0.6 seconds each to warm up. A busy machine measures less. The command below has larger tasks; the code has these.</p>`)}`,
    questions: [traffic(), work()],
    command: () => "npx thalweg throughput",
    code: () => codeOf(at.simd.value),
    rows: () => [
      ["task", "host", "milliseconds a call", "rate", "unit"],
      ...CONTESTS.flatMap(({ id, work: task, unit, amount }) =>
        Object.entries(found.peek().find((each) => each.id === id)?.times ?? {}).map(([name, time]) => [
          task,
          name,
          time,
          amount / time,
          unit,
        ]),
      ),
    ],
    dispose: stop,
  };
}

function traffic(): Question {
  return {
    ask: "A step of Adam reads θ, g, m and v, and writes θ, m and v, of 4 bytes each. How many MB is that for a million parameters?",
    check: (answer) => ({
      right: Math.abs(answer - 28) < 0.5,
      say: "28 MB a step: at 1,000 steps a second 28 GB a second, more than many machines read from memory on one core.",
    }),
  };
}

function work(): Question {
  return {
    ask: "How many million operations is a product of two matrices of 256 × 256, an addition and a multiplication counted as two?",
    check(answer) {
      const { amount } = CONTESTS[1];
      return {
        right: Math.abs(answer / amount - 1) < 0.02,
        say: `${short(amount)}: 2 · 256³. At 10 GFLOP a second it takes ${short(amount / 10, 3)} milliseconds.`,
      };
    },
  };
}

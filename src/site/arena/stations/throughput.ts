/** A small bench in this browser: the kernels, their twin in JavaScript, and a plain loop. */
import { batch, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { short } from "../draw/scale.js";
import { started } from "../lab/workers.js";
import { tex } from "../math.js";
import { segmented } from "../parts/controls.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { choice } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { CONTESTS, type Contest, type Host, type Measured, type Said } from "./throughput/bench.js";
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
    let mine: Worker;
    try {
      mine = started(() => new Worker(new URL("./throughput/worker.ts", import.meta.url), { type: "module" }));
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
      stop();
      return;
    }
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

  const timesOf = (id: string): Measured["times"] => found.value.find((each) => each.id === id)?.times ?? {};
  function contest({ id, work, unit, amount }: Contest): TemplateResult {
    const times = timesOf(id);
    const rates = HOSTS.flatMap(([name, label]) =>
      times[name] === undefined ? [] : [{ name, label, rate: amount / times[name] }],
    );
    const most = rates.reduce((best, { rate }) => Math.max(best, rate), 0);
    return html`<section class="contest" data-task=${id}><h2>${work}</h2>
      ${rates.length === 0 ? html`<p class="caveat">${running.value ? "Measuring…" : "Not measured yet."}</p>` : nothing}
      ${rates.map(
        ({ name, label, rate }) => html`<div class="lane"><span>${label}</span>
        <meter min="0" max=${most} .value=${rate} aria-label="${label}, ${unit}"></meter>
        <b data-host=${name}>${short(rate, 3)}</b></div>`,
      )}
      ${rates.length === 0 ? nothing : html`<p class="caveat">${unit}${times.wasm !== undefined && times.js !== undefined ? `; wasm ${short(times.js / times.wasm, 2)} times the library’s JavaScript` : ""}${times.wasm !== undefined && times.loop !== undefined ? `, ${short(times.loop / times.wasm, 2)} times a plain loop` : ""}</p>`}
    </section>`;
  }

  return {
    controls: () =>
      html`${segmented(values, "simd", "Kernels", [
        { value: "auto", label: "the fastest" },
        { value: "strict", label: "strict, the same bits everywhere" },
      ])}`,
    figures: false,
    stage: () => html`
      <div class="row take"><button type="button" class="plain" ?disabled=${running.value} @click=${measure}>Measure, some six seconds</button>
        <button type="button" class="plain" ?disabled=${!running.value} @click=${stop}>Stop</button></div>
      ${problem.value === "" ? nothing : html`<p class="problem wide" role="alert">${problem.value}</p>`}
      ${engine.value ? html`<p class="mode" data-reason>Runs on ${engine.value.backend}: ${engine.value.reason}.</p>` : nothing}
      <div class="contests">${CONTESTS.map(contest)}</div>
      ${scrolling("What is measured", html`<p class="caveat">Medians of five rounds in turns, in one worker, on one thread, after 0.6 seconds each to warm up. A busy machine measures less.</p>`)}`,
    questions: [traffic(), work()],
    command: () => "npx thalweg throughput",
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

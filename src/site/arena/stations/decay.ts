/** Weight decay as L2 in Adam's gradient, and decoupled as in AdamW: how fast weights of different gradients shrink. */
import { signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { Engine, Optimizer, StateDict } from "../../../index.js";
import { short } from "../draw/scale.js";
import type { ChartScene } from "../figures/chart.js";
import type { Hit } from "../figures/planeScene.js";
import { labEngine } from "../lab/engine.js";
import { latest, type Pause } from "../lab/latest.js";
import { trace } from "../lab/trace.js";
import { tex } from "../math.js";
import { slider, textField } from "../parts/controls.js";
import { key } from "../parts/legend.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { number, numbers, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";

const fields = {
  lambda: number({ initial: 0.1, min: 0, max: 100 }),
  rate: number({ initial: 0.001, min: 0, above: true, max: 1 }),
  sizes: numbers([0.1, 1, 10], { least: 1, most: 6, size: 1e6 }),
  steps: whole({ initial: 3000, min: 2, max: 20_000 }),
};

export default station({
  lede: "Weight decay is to pull every weight towards 0 by the same share. Added to Adam’s gradient as L2 it is divided by the size of the gradient like everything else; AdamW takes it out of there.",
  fields,
  formulas: [
    {
      name: "Adam with L2: λθ goes through m and v",
      mathml: tex`g_t = \nabla f(\theta_{t-1}) + \lambda\, \theta_{t-1}`,
    },
    {
      name: "AdamW: it does not",
      mathml: tex`\theta_t = (1 - \eta\lambda)\, \theta_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}`,
    },
    {
      name: "Decay that is left of L2 for a gradient of size |g|, much larger than λθ",
      mathml: tex`\lambda_{\mathrm{eff}} \approx \frac{\lambda}{|g|}`,
    },
  ],
  sources: [
    {
      text: "Loshchilov & Hutter, Decoupled weight decay regularization, ICLR 2019",
      href: "https://arxiv.org/abs/1711.05101",
    },
  ],
  notice:
    "Under L2 the weight with the largest gradients decays least: ten times the gradient, about a tenth of the decay. Under AdamW all of them shrink alike, and λ means what it says.",
  setup,
});

/** A weight at each step from 1 on: its gradients alternate between size and −size, and agree on nothing but the decay. */
function weights(engine: Engine, name: string, size: number, lr: number, lambda: number, steps: number): number[] {
  const taken = trace(engine, name, { lr, weightDecay: lambda }, [1], steps, (_, step, out) => {
    out[0] = step % 2 === 0 ? size : -size;
    return 0;
  });
  return [1, ...taken.map(({ to }) => to[0])];
}

/**
 * The λ that would have shrunk a weight alike by itself, from its logarithms over the second half of the steps until a hundredth of
 * it is left: below that alternating gradients move it more than the decay. The first gradients move a weight too, and so does the
 * sign of the last one: the half is of an even number of steps.
 */
function effective(weights: readonly number[], rate: number): number {
  const small = weights.findIndex((each) => each < 0.01);
  const last = small > 4 ? small : weights.length - 1;
  const half = Math.max(2, 2 * Math.floor(last / 4));
  return Math.log(weights[Math.max(0, last - half)] / weights[last]) / (rate * Math.min(half, last));
}

const NAMES = ["adam", "adamw"] as const;

interface Decayed {
  readonly steps: number;
  readonly rate: number;
  /** By optimizer, then by size of the gradient. */
  readonly weights: readonly (readonly (readonly number[])[])[];
  readonly charts: readonly Pick<ChartScene, "curves" | "x" | "y" | "label">[];
}

async function decayed(
  sizes: readonly number[],
  rate: number,
  lambda: number,
  steps: number,
  pause: Pause = async () => {},
): Promise<Decayed> {
  const engine = await labEngine();
  const found: number[][][] = NAMES.map(() => []);
  for (const [i, name] of NAMES.entries())
    for (const size of sizes) {
      await pause();
      found[i].push(weights(engine, name, size, rate, lambda, steps));
    }
  const low = found.flat(2).reduce((a, b) => Math.min(a, b), 0);
  const x = { label: "step", from: 0, to: steps, whole: true };
  const charts = found.map((each, i) => {
    const name = ["weight under Adam with L2", "weight under AdamW"][i];
    return {
      curves: each.map((values, series) => ({ label: `±${short(sizes[series], 3)}`, series, values })),
      x,
      y: { label: name, from: Math.max(-1, low), to: 1.05 },
      label: `${name}, by step, for gradients of ${sizes.length} sizes`,
    };
  });
  return { steps, rate, weights: found, charts };
}

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const { found, problem, dispose } = latest((pause) =>
    decayed(at.sizes.value, at.rate.value, at.lambda.value, at.steps.value, pause),
  );
  const hover = signal<Hit | undefined>(undefined);
  const chart = (scene: Decayed["charts"][number]): TemplateResult =>
    html`<arena-chart .scene=${{
      ...scene,
      hover: hover.value,
      onHover: (hit: Hit | undefined) => (hover.value = hit),
    }}></arena-chart>`;

  return {
    controls: () => html`
      ${slider(values, "lambda", { label: "Decay λ", from: 0.001, to: 1, log: true })}
      ${slider(values, "rate", { label: "Rate η", from: 1e-4, to: 0.01, log: true })}
      ${slider(values, "steps", { label: "Steps", from: 100, to: 20_000, log: true, whole: true })}
      ${textField(values, "sizes", "Sizes of gradients")}`,
    stage() {
      const made = found.value;
      if (made === undefined) return html`<p class="loading">${problem.value || "Starting the engine…"}</p>`;
      return html`
        ${problem.value === "" ? nothing : html`<p class="problem" role="alert">${problem.value}</p>`}
        <div class="pair even">${made.charts.map((each) => html`<figure>${chart(each)}</figure>`)}</div>
        <div class="below">
          <p class="mode">Each weight starts at 1. Its gradients alternate in sign, so that only the decay moves it in the long run. Beside each weight after ${made.steps} steps stands its effective λ: the one that would have shrunk it as fast by itself.</p>
          ${table(made, at.sizes.value)}
        </div>`;
    },
    questions: [stepQuestion(), leastQuestion(values)],
    code: () => `import { adam, adamw, createEngine } from "thalweg";

const engine = await createEngine({ simd: "strict" });
const hyper = { lr: ${at.rate.value}, weightDecay: ${at.lambda.value} };
for (const [name, make] of Object.entries({ adam, adamw })) {
  for (const size of [${at.sizes.value.join(", ")}]) {
    const theta = engine.tensor(1, [1]);
    const optimizer = make([theta], hyper);
    for (let t = 0; t < ${at.steps.value}; t++) {
      theta.grad[0] = t % 2 === 0 ? size : -size;
      optimizer.step();
    }
    console.log(name, size, theta.data[0]);
  }
}`,
    rows() {
      const made = found.peek();
      const rows = made?.weights.flatMap((each, i) =>
        each.flatMap((path, k) => path.map((weight, step) => [NAMES[i], at.sizes.peek()[k], step, weight])),
      );
      return [["optimizer", "size of the gradient", "step", "weight"], ...(rows ?? [])];
    },
    dispose,
  };
}

function table({ weights, rate, steps }: Decayed, sizes: readonly number[]): TemplateResult {
  const cells = (i: number, k: number): TemplateResult => {
    const weight = weights[i][k].at(-1)!;
    const decay = effective(weights[i][k], rate);
    const text = weight > 0 && Number.isFinite(decay) ? short(Math.max(0, decay), 3) : "past 0";
    return html`<td class="n">${short(weight, 3)}</td><td class="n">${text}</td>`;
  };
  return scrolling(
    "Weights and effective decay",
    html`<table>
      <caption class="sr">Weights after ${steps} steps, and their effective decay</caption>
      <thead><tr><th scope="col">gradient</th><th scope="col" class="n">L2</th><th scope="col" class="n">its λ</th>
        <th scope="col" class="n">AdamW</th><th scope="col" class="n">its λ</th></tr></thead>
      <tbody>${sizes.slice(0, weights[0].length).map((size, k) => html`<tr><th scope="row">${key(k)}±${short(size, 3)}</th>${cells(0, k)}${cells(1, k)}</tr>`)}</tbody></table>`,
  );
}

/** A step from θ = 5 with the gradient 2, m having settled at its input and v at 4. */
function settledStep(engine: Engine, name: "adam" | "adamw", weightDecay: number): number {
  const settle = (optimizer: Optimizer): void => {
    const state = optimizer.stateDict() as StateDict;
    const input = name === "adam" ? 2 + weightDecay * 5 : 2;
    state.groups[0].scalars = { beta1Power: 0, beta2Power: 0 };
    state.groups[0].params = [{ expAvg: Float32Array.of(input), expAvgSq: Float32Array.of(4) }];
    optimizer.loadStateDict(state);
  };
  const constant = (_: ArrayLike<number>, __: number, out: Float64Array): number => {
    out[0] = 2;
    return 0;
  };
  const [{ from, to }] = trace(engine, name, { lr: 0.001, weightDecay }, [5], 1, constant, settle);
  return from[0] - to[0];
}

function stepQuestion(): Question {
  return {
    ask: "A weight of 5 has the gradient 2, and its v has settled at 4. With λ = 0.1 and η = 0.001, how much of AdamW’s next step is decay?",
    async check(answer) {
      const engine = await labEngine();
      const [l2, decoupled] = NAMES.map((name) => settledStep(engine, name, 0.1) - settledStep(engine, name, 0));
      return {
        right: Math.abs(answer / decoupled - 1) < 0.05,
        say: `${short(decoupled, 2)}: ηλθ, a hundredth of a percent of the weight. Of Adam’s with L2 it is ${short(l2, 2)}: the same, divided by √v = 2.`,
      };
    },
  };
}

function leastQuestion(values: Values<typeof fields>): Question {
  const choices = ["The one with ±0.1", "The one with ±10", "All decay alike"];
  return {
    ask: "Three weights start at 1, with gradients of ±0.1, ±1 and ±10. Which decays least under Adam with L2?",
    choices,
    async check(answer) {
      const { weights } = await decayed([0.1, 1, 10], 0.001, 0.1, 3000);
      const ends = weights[0].map((each) => each.at(-1)!);
      const least = ends[2] > ends[0] * 1.05 ? 1 : ends[0] > ends[2] * 1.05 ? 0 : 2;
      return {
        right: answer === least,
        say: `After 3,000 steps at η = 0.001 and λ = 0.1 they are ${ends.map((each) => short(each, 3)).join(", ")}; under AdamW all are ${short(weights[1][0].at(-1)!, 3)}.`,
      };
    },
    show() {
      for (const name of ["sizes", "lambda", "rate", "steps"] as const) values.set(name, fields[name].initial as never);
    },
  };
}

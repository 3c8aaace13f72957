/** Backpropagation: blame that flows back through a small network, and the networks of 1986, which learn by it. */
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { Point } from "../../../experiments/familyTrees/experiment.js";
import { PEOPLE } from "../../../experiments/familyTrees/people.js";
import { type Outcome, symmetryExperiment } from "../../../experiments/symmetry.js";
import type { Engine } from "../../../index.js";
import { short } from "../draw/scale.js";
import { ArenaHinton } from "../figures/hinton.js";
import { labEngine } from "../lab/engine.js";
import { tex } from "../math.js";
import { segmented, slider, textField } from "../parts/controls.js";
import type { Question } from "../parts/question.js";
import { choice, number, numbers, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { ArenaFlow } from "./backprop/flow.js";
import { Learner, SWEEPS } from "./backprop/learner.js";
import { FIRST, NAMES, pass, stepped, unit } from "./backprop/network.js";
import "./backprop/backprop.css";

if (customElements.get("arena-hinton") === undefined) customElements.define("arena-hinton", ArenaHinton);
if (customElements.get("arena-flow") === undefined) customElements.define("arena-flow", ArenaFlow);

const LIMITS = { least: 9, most: 9, size: 20 };
const fields = {
  way: choice(["forward", "back"], "back"),
  inputs: numbers([1, 0.6], { least: 2, most: 2, size: 10 }),
  target: number({ initial: 0, min: 0, max: 1 }),
  weights: numbers(FIRST, LIMITS),
  rate: number({ initial: 0.05, min: 0, above: true, max: 10 }),
  seed: whole({ initial: 1, min: 0, max: 4_294_967_295 }),
};

export default station({
  lede: "Run the network forwards, compare, and send the blame back: each weight learns how the error would change with it, all in one pass.",
  fields,
  formulas: [
    { name: "Blame of an output, of half the squared error", mathml: tex`\delta = (y - d)\, y(1-y)` },
    { name: "Blame of a hidden unit", mathml: tex`\delta_j = h_j(1-h_j) \sum_k w_{jk}\, \delta_k` },
    { name: "The error by a weight", mathml: tex`\frac{\partial E}{\partial w_{ij}} = x_i\, \delta_j` },
  ],
  sources: [
    {
      text: "Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323, 1986",
      href: "https://doi.org/10.1038/323533a0",
    },
    {
      text: "Hinton, Learning distributed representations of concepts, Proceedings of the Cognitive Science Society, 1986",
    },
  ],
  notice:
    "Set a target of 0 and an output near 1: the error is large, and the blame is small, as y(1 − y) is. In the network of 1986 the two units that detect symmetry end with weights that mirror each other, with opposite signs.",
  setup,
});

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const engine = signal<Engine | undefined>(undefined);
  const problem = signal("");
  const symmetry = signal<Outcome | undefined>(undefined);
  const learner = new Learner();
  let gone = false;
  labEngine().then(
    (made) => {
      if (!gone) engine.value = made;
    },
    (error) => {
      problem.value = String(error instanceof Error ? error.message : error);
    },
  );
  const stop = effect(() => {
    const [made, lr, seed] = [engine.value, at.rate.value, at.seed.value];
    if (made) symmetry.value = symmetryExperiment(made, { seed, lr, momentum: 0.9, sweeps: 2000 });
  });

  const change = (index: number, by: number): void =>
    values.set(
      "weights",
      at.weights.peek().map((each, i) => (i === index ? Number((each + by).toPrecision(6)) : each)),
    );

  function small(made: Engine): TemplateResult {
    const [weights, inputs, target] = [at.weights.value, at.inputs.value, at.target.value];
    const passed = pass(made, weights, inputs, target);
    return html`<div class="pair">
      <figure><arena-flow .scene=${{ passed, weights, inputs, target, back: at.way.value === "back" }}></arena-flow>
        <figcaption>Width is size, a dashed line is negative. y = ${short(passed.output)}, E = ½(y − d)² = <span data-error>${short(passed.error)}</span>.</figcaption>
        <div class="row learn"><button type="button" class="plain" @click=${() =>
          values.set(
            "weights",
            stepped(made, weights, inputs, target, 1).map((each) => Number(each.toPrecision(6))),
          )}>Step down the slopes, rate 1</button>
          <button type="button" class="plain" @click=${() => values.set("weights", FIRST)}>First weights</button></div></figure>
      <div><table class="slopes"><caption class="sr">Weights and slopes</caption>
        <thead><tr><th scope="col">weight</th><th scope="col" class="n">value</th><th scope="col" class="n">∂E/∂w</th><th scope="col" class="n">change it</th></tr></thead>
        <tbody>${NAMES.map(
          (
            name,
            k,
          ) => html`<tr><th scope="row">${name}</th><td class="n">${short(weights[k])}</td><td class="n" data-slope=${name}>${short(passed.slopes[k])}</td>
          <td class="n"><button type="button" class="plain step" aria-label="${name} less" @click=${() => change(k, -0.1)}>−</button>
          <button type="button" class="plain step" aria-label="${name} more" @click=${() => change(k, 0.1)}>+</button></td></tr>`,
        )}</tbody></table></div>
    </div>`;
  }

  function mirrored({ units, sweeps, solved, mirrorError, losses }: Outcome): TemplateResult {
    const columnNames = ["1", "2", "3", "4", "5", "6", "bias"];
    const parts = units.map(({ weights, bias }, i) => ({
      name: `Hidden unit ${i + 1}`,
      values: [...weights, bias],
      columns: 7,
      columnNames,
    }));
    return html`<section><h2>Symmetry, 1986: 6 inputs, 2 hidden units</h2>
      <p class="outcome-line">${solved ? `Solved after ${sweeps} sweeps over 64 patterns; weights mirror within ${short(mirrorError * 100, 2)} %.` : `Not solved after ${sweeps} sweeps: error ${short(losses[losses.length - 1])}.`}</p>
      <arena-hinton .scene=${{ parts, most: 44, label: "Weights of the two hidden units for the six bits, and their biases" }}></arena-hinton>
      <p class="caveat">Area is size; filled is positive, open negative.</p>
      <arena-chart .scene=${{
        curves: [{ label: "", series: 0, values: losses }],
        x: { label: "sweep", from: 0, to: Math.max(2, losses.length - 1), whole: true },
        y: { label: "error of all 64 patterns", from: 0 },
        shape: 0.4,
        label: "Error by sweep",
      }}></arena-chart></section>`;
  }

  function families(): TemplateResult {
    const weights = learner.weights.value;
    const wrong = learner.problem.value;
    const points = learner.points.value;
    const last = points[points.length - 1];
    const share = (label: string, series: number, of: (point: Point) => number) => ({
      label,
      series,
      values: points.map(of),
      xs: points.map(({ sweep }) => sweep),
    });
    const names = PEOPLE.map(({ name }) => name);
    const flipped = (rows: readonly (readonly number[])[]): number[] =>
      Array.from({ length: 6 }, (_, u) => rows.map((row) => row[u])).flat();
    return html`<section><h2>Family trees, 1986: 24 people, 12 relationships</h2>
      <div class="row"><button type="button" class="plain" @click=${() => learner.start(at.seed.peek())}>Learn ${SWEEPS.toLocaleString("en")} sweeps</button>
        <span class="outcome-line">${last ? `sweep ${last.sweep}: ${last.right} of 100 right, ${last.heldOutRight} of 4 held out` : "100 of 104 questions are learnt; 4 are held out"}</span></div>
      <arena-chart .scene=${{
        curves: [
          share("learnt", 0, ({ right }) => right),
          share("held out", 1, ({ heldOutRight }) => heldOutRight * 25),
        ],
        x: { label: "sweep", from: 0, to: SWEEPS, whole: true },
        y: { label: "right, per cent", from: 0, to: 100 },
        shape: 0.4,
        label: "Share of the questions that are right, by sweep",
      }}></arena-chart>
      ${wrong === "" ? nothing : html`<p class="problem" role="alert">${wrong}</p>`}
      ${
        weights === undefined
          ? nothing
          : html`<arena-hinton .scene=${{
              parts: [
                {
                  name: "Six units, from the English",
                  values: flipped(weights.slice(0, 12)),
                  columns: 12,
                },
                {
                  name: "and from the Italians who stand where they stand",
                  values: flipped(weights.slice(12)),
                  columns: 12,
                },
              ],
              most: 24,
              label: `Weights from ${names.length} people to the six units that encode them`,
            }}></arena-hinton>
            <p class="caveat">A unit a row; ${names.slice(0, 12).join(", ")}; and ${names.slice(12).join(", ")}.</p>`
      }
    </section>`;
  }

  return {
    controls: () => html`
      ${segmented(values, "way", "Show", [
        { value: "forward", label: "Forwards" },
        { value: "back", label: "Blame" },
      ])}
      ${textField(values, "inputs", "Inputs x₁, x₂")}
      ${slider(values, "target", { label: "Target d", from: 0, to: 1 })}
      ${slider(values, "seed", { label: "Seed, 1986", from: 0, to: 20, whole: true })}`,
    more: () => html`${textField(values, "weights", `Weights ${NAMES.join(" ")}`)}
      ${slider(values, "rate", { label: "Rate ε, symmetry", from: 0.01, to: 0.5, log: true })}`,
    stage() {
      const made = engine.value;
      if (made === undefined) return html`<p class="loading">${problem.value || "Starting the engine…"}</p>`;
      return html`${small(made)}
        <div class="pair of1986">${symmetry.value ? mirrored(symmetry.value) : nothing}${families()}</div>`;
    },
    questions: [sigmoidQuestion(values), hiddenQuestion()],
    command: () => `npx thalweg symmetry --seed ${at.seed.value} --lr ${at.rate.value}`,
    code: () => `import { createEngine, dense, halfMse, sequential, sigmoid } from "thalweg";

const engine = await createEngine({ simd: "strict" });
const layers = [dense(2, 2), sigmoid(), dense(2, 1), sigmoid()];
const model = sequential(engine, layers, { seed: 1 });
const weights = [${at.weights.value.join(", ")}];
for (const { data } of model.parameters())
  data.set(weights.splice(0, data.length));
const x = engine.tensor([1, 2], [${at.inputs.value.join(", ")}]);
const d = engine.tensor([1, 1], [${at.target.value}]);
const { value, grad } = halfMse(model.forward(x), d);
model.backward(grad);
console.log("E", value);
for (const { grad } of model.parameters())
  console.log(...grad);`,
    rows: () => {
      const made = engine.peek();
      const slopes = made ? pass(made, at.weights.peek(), at.inputs.peek(), at.target.peek()).slopes : [];
      return [
        ["weight", "value", "slope of the error"],
        ...NAMES.map((name, k) => [name, at.weights.peek()[k], slopes[k] ?? ""]),
      ];
    },
    dispose() {
      gone = true;
      learner.stop();
      stop();
    },
  };
}

/** What goes into a sigmoid that gives 0.9: ln 9. */
const NINE_TENTHS = Math.log(9);
const SIX_TENTHS = Math.log(1.5);

function sigmoidQuestion(values: Values<typeof fields>): Question {
  return {
    ask: "A sigmoid unit gives 0.9 where 0 is wanted. By how much does E = ½(y − d)² change with what goes into the unit, ∂E/∂x?",
    async check(answer) {
      const { slope, y, blame, weight } = unit(await labEngine(), NINE_TENTHS, 0.6, 0);
      return {
        right: Math.abs(answer / blame - 1) < 0.02,
        say: `${short(blame, 3)}: the slope ${short(slope, 3)} by y times y(1 − y) = ${short(y * (1 - y), 3)}. A weight from an input of 0.6 gets ${short(weight, 4)}.`,
      };
    },
    // The output is such a unit, and the first hidden one gives it the 0.6.
    show() {
      values.set("way", "back");
      values.set("target", 0);
      values.set(
        "weights",
        [0, 0, 0, 0, SIX_TENTHS, 0, 0, 0, NINE_TENTHS].map((each) => Number(each.toPrecision(6))),
      );
    },
  };
}

function hiddenQuestion(): Question {
  return {
    ask: "A hidden unit has weights 0.5, 0.3 and 0.8 to units whose blame is 0.081, 0.04 and 0.02. How much blame reaches its output?",
    async check(answer) {
      const engine = await labEngine();
      const [weights, blame] = [engine.tensor([1, 3], [0.5, 0.3, 0.8]), engine.tensor([3, 1], [0.081, 0.04, 0.02])];
      const out = engine.tensor([1, 1]);
      engine.matmul(weights, blame, { out });
      const sum = out.data[0];
      for (const tensor of [weights, blame, out]) tensor.dispose();
      return {
        right: Math.abs(answer / sum - 1) < 0.02,
        say: `${short(sum)}: 0.5 · 0.081 + 0.3 · 0.04 + 0.8 · 0.02. Blame goes back by the weights that activity came by.`,
      };
    },
  };
}

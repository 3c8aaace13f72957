/** From a situation to a recipe, with the code that builds it; the usual ranges of hyperparameters, and what to tune first. */
import { html, nothing, type TemplateResult } from "lit-html";
import { overRun } from "../../../schedule/index.js";
import { hyperparameters, type RecipeRow, recipes, tuning } from "../../../train/recipes.js";
import { short } from "../draw/scale.js";
import { tex } from "../math.js";
import { select, slider } from "../parts/controls.js";
import { scrolling } from "../parts/numbers.js";
import type { Question } from "../parts/question.js";
import { choice, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { codeOf, FORKS, type Fork } from "./choose/situations.js";
import "./choose/choose.css";

const NAMES = Object.keys(recipes);
const fields = {
  recipe: choice(NAMES, "language-model"),
  steps: whole({ initial: 1000, min: 2, max: 100_000 }),
};

export default station({
  lede: "Say what you train, and take the recipe that its field has settled on: an optimizer, a rate, a schedule and a weight decay, each with its source.",
  fields,
  formulas: [
    {
      name: "A larger batch: rate and noise",
      mathml: tex`\eta \propto B \qquad \operatorname{Var} \hat g \propto \frac{1}{B}`,
    },
    {
      name: "Momentum on: keep the effective rate",
      mathml: tex`\eta_{\text{with } \beta} \approx (1-\beta)\, \eta_{\text{without}}`,
    },
    { name: "Memory of a mean, in steps", mathml: tex`\frac{1}{1-\beta}` },
  ],
  sources: [
    {
      text: "Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017",
      href: "https://arxiv.org/abs/1706.02677",
    },
    {
      text: "Schmidt, Schneider & Hennig, Descending through a crowded valley, ICML 2021",
      href: "https://arxiv.org/abs/2007.01547",
    },
  ],
  notice:
    "AdamW returns with another rate each time: some 1e-3 from random weights, a thirtieth of it or less from trained ones. For transformers the rate rises first, and ends small.",
  setup,
});

/** The rate by step, as the recipe builds it for a run of so many steps. */
function curveOf({ lr, schedule: { shape, warmup = 0, to } }: RecipeRow, steps: number): number[] {
  const rise = Math.min(Math.ceil(warmup * steps), steps - 1);
  if (shape === "constant" && rise === 0) return Array.from({ length: steps + 1 }, () => lr);
  const rate = overRun(shape, { peak: lr, steps, warmup: rise, ...(to !== undefined && { to: to * lr }) });
  return Array.from({ length: steps + 1 }, (_, step) => rate(step));
}

function scheduleWords({ schedule: { shape, warmup, to } }: RecipeRow): string {
  const up = warmup === undefined ? "" : `warm-up over ${short(warmup * 100)} % of the run, then `;
  return `${up}${shape}${to === undefined ? "" : ` to ${short(to)} of the peak`}`;
}

/** The table of the library is plain text: its minus is a hyphen, at which lines may break. */
const minus = (text: string): string => text.replaceAll(" - ", "\u00a0−\u00a0");

const range = ([from, to]: readonly [number, number]): string =>
  from === to ? "" : `, usually ${short(from)} to ${short(to)}`;

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  let drawn: { key: string; scene: object } | undefined;
  const sceneOf = (name: string, steps: number): object => {
    const key = `${name} ${steps}`;
    if (drawn?.key === key) return drawn.scene;
    const all = curveOf(recipes[name], steps);
    const by = Math.max(1, Math.floor(all.length / 600));
    const xs = all.map((_, step) => step).filter((step) => step % by === 0 || step === steps);
    const scene = {
      curves: [{ label: recipes[name].optimizer, series: 0, values: xs.map((step) => all[step]), xs }],
      x: { label: "step", from: 0, to: steps, whole: true },
      y: { label: "rate", from: 0, to: recipes[name].lr * 1.1 },
      shape: 0.42,
      label: `The rate over a run of ${steps} steps`,
    };
    drawn = { key, scene };
    return scene;
  };

  const fork = ({ say, to }: Fork): TemplateResult =>
    typeof to === "string"
      ? html`<li><button type="button" class="leaf" aria-pressed=${at.recipe.value === to ? "true" : "false"} @click=${() => values.set("recipe", to)}>
          <span>${say}</span> <small>${recipes[to].optimizer}</small></button></li>`
      : html`<li><p class="fork">${say}</p><ul>${to.map(fork)}</ul></li>`;

  function card(name: string): TemplateResult {
    const row = recipes[name];
    const { situation, optimizer, lr, lrRange, weightDecay, weightDecayRange, hyper, excludesBiases, source, note } =
      row;
    const more = Object.entries(hyper).map(
      ([key, value]) => `${key} ${Array.isArray(value) ? value.join(", ") : value}`,
    );
    const item = (term: string, words: string): TemplateResult => html`<div><dt>${term}</dt><dd>${words}</dd></div>`;
    return html`<section class="recipe" aria-live="polite" aria-label=${situation}>
      <h2 class="title">${optimizer}</h2>
      <p class="for">For ${situation}.</p>
      <dl>
        ${item("Rate", `${short(lr)}${range(lrRange)}`)}
        ${item("Schedule", scheduleWords(row))}
        ${item("Weight decay", `${short(weightDecay)}${range(weightDecayRange)}${excludesBiases ? "; none on biases and norms" : ""}`)}
        ${more.length > 0 ? item("Further", more.join("; ")) : nothing}
        ${note === undefined ? nothing : item("Note", note)}
        ${item("Source", source)}
      </dl>
      <arena-chart .scene=${sceneOf(name, at.steps.value)}></arena-chart>
    </section>`;
  }

  return {
    controls: () => html`
      ${select(
        values,
        "recipe",
        "Situation",
        NAMES.map((value) => ({ value, label: recipes[value].situation })),
      )}
      ${slider(values, "steps", { label: "Steps of the run", from: 10, to: 100_000, log: true, whole: true })}`,
    stage: () => html`<div class="choose">
        <nav aria-label="What do you train?"><h2>What do you train?</h2><ul class="forks">${FORKS.map(fork)}</ul></nav>
        ${card(at.recipe.value)}
      </div>
      <div class="sheets">
        <section><h2>Cheat sheet</h2>${scrolling(
          "Cheat sheet",
          html`<table><thead><tr><th scope="col">hyperparameter</th><th scope="col">default</th><th scope="col">usual range</th></tr></thead>
          <tbody>${hyperparameters.map((each) => html`<tr><th scope="row">${each.name}<small class="purpose">${minus(each.controls)}</small></th><td>${each.default}</td><td>${each.range}</td></tr>`)}</tbody></table>`,
        )}</section>
        <section><h2>What to tune, in this order</h2>
          <ol class="order">${tuning.map(({ name, values: tried }) => html`<li><b>${name}</b>: ${minus(tried)}</li>`)}</ol></section>
      </div>`,
    questions: [lastRate(values), first()],
    command: () => `npx thalweg recipes ${at.recipe.value}`,
    code: () => codeOf(at.recipe.value, at.steps.value),
    rows: () => [
      ["situation", "optimizer", "rate", "schedule", "weight decay", "source"],
      ...NAMES.map((name) => {
        const row = recipes[name];
        return [row.situation, row.optimizer, row.lr, scheduleWords(row), row.weightDecay, row.source];
      }),
    ],
  };
}

function lastRate(values: Values<typeof fields>): Question {
  return {
    ask: "A language model of 10,000 steps warms up to 6e-4, then follows a cosine to a tenth of that. What is the rate half-way through the run, at step 5,000?",
    check(answer) {
      const rate = curveOf(recipes["language-model"], 10_000)[5000];
      return {
        right: Math.abs(answer / rate - 1) < 0.03,
        say: `${short(rate)}: about the middle between 6e−4 and 6e−5. The cosine falls half of its way by the half of its steps.`,
      };
    },
    show() {
      values.set("recipe", "language-model");
      values.set("steps", 10_000);
    },
  };
}

function first(): Question {
  const choices = ["weight decay", "batch size", "learning rate", "β"];
  return {
    ask: "There is time to tune one number. Which one?",
    choices,
    check: (answer) => ({
      right: choices[answer] === tuning[0].name,
      say: `The ${tuning[0].name}: ${tuning[0].values}. Then ${tuning[1].name}: ${tuning[1].values}.`,
    }),
  };
}

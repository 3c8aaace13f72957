/** The family tree of THE TABLE: each optimizer with its rule, its year, its state and what it changed. */

import entries from "virtual:optimizers";
import { html, type TemplateResult } from "lit-html";
import type { OptimizerName } from "../../../optim/table.js";
import { ruleOf } from "../lab/runners.js";
import { tex } from "../math.js";
import { select } from "../parts/controls.js";
import { copyable } from "../parts/copy.js";
import type { Question } from "../parts/question.js";
import { choice } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { childrenOf, descent, LINEAGE, yearOf } from "./family/lineage.js";
import { stateBytes } from "./family/stateBytes.js";
import "./family/family.css";

type Entry = (typeof entries)[number];
const NAMES = entries.map(({ name }) => name) as OptimizerName[];
const entryOf = (name: string): Entry => entries.find((each) => each.name === name)!;
const bytesOf = (name: string, shape: readonly number[]): number => stateBytes(ruleOf(name), shape);
const perParameter = (name: string): number => bytesOf(name, [512, 512]) / 512 ** 2;

/** Half of the tree comes from it: it ends one column and begins the other. */
const TRUNK: OptimizerName = "adam";

const fields = { who: choice(NAMES, "adamw") };

export default station({
  lede: "Every optimizer of the library, and the one that it changed. Choose one to see its rule, its paper, and what it keeps for each parameter.",
  fields,
  formulas: [
    {
      name: "Nearly all have this form",
      mathml: tex`\theta_{t+1} = \theta_t - \eta_t\, P_t^{-1}\, m_t`,
    },
    {
      name: "A direction from gradients, and a scale for it",
      mathml: tex`\begin{aligned} m_t &= \text{mean}(g_1 \dots g_t) \\ P_t &= \text{scale}(g_1 \dots g_t) \end{aligned}`,
    },
  ],
  sources: [
    {
      text: "Schmidt, Schneider & Hennig, Descending through a crowded valley: benchmarking deep learning optimizers, ICML 2021",
      href: "https://arxiv.org/abs/2007.01547",
    },
  ],
  notice:
    "Each is the one before it with one thing changed. Most state is one or two numbers a parameter, as large as the model itself; those that factor a matrix into rows and columns keep next to none.",
  setup,
});

/** The parts of a docstring: what it does, the rule, and the paper with which it ends. */
function partsOf({ text }: Entry): { about: string; rule: string; paper: string } {
  const [before = "", rule = "", after = ""] = text.split("```");
  const paragraphs = after.trim().split("\n\n");
  const plain = (words: string): string => words.trim().replaceAll("\n", " ").replaceAll("`", "");
  return {
    about: plain(before),
    rule: rule.trim().replace(/ {3,}/g, "   "),
    paper: plain(paragraphs[paragraphs.length - 1]),
  };
}

function setup(values: Values<typeof fields>): View {
  const { at } = values;

  const node = (name: OptimizerName, line: ReadonlySet<string>, last = false): TemplateResult => {
    const children = last ? [] : childrenOf(name);
    const on = at.who.value === name;
    return html`<li>
      <button type="button" class="person" aria-pressed=${on ? "true" : "false"} data-line=${line.has(name) ? "yes" : "no"} title=${LINEAGE[name].changed}
        @click=${() => values.set("who", name)}><span>${name}</span> <small>${yearOf(entryOf(name).paper)}</small></button>
      ${children.length === 0 ? "" : html`<ul>${children.map((child) => node(child, line, child === TRUNK))}</ul>`}
    </li>`;
  };

  const link = (name: OptimizerName): TemplateResult =>
    html`<button type="button" class="name" @click=${() => values.set("who", name)}>${name}</button>`;
  const listed = (names: readonly OptimizerName[], between = ", "): TemplateResult =>
    html`${names.map((name, i) => html`${i > 0 ? between : ""}${link(name)}`)}`;

  function panel(name: OptimizerName): TemplateResult {
    const entry = entryOf(name);
    const { about, rule, paper } = partsOf(entry);
    const line = descent(name);
    const children = childrenOf(name);
    const { matrix, vector } = entry.stateOf;
    const state = perParameter(name);
    return html`<section class="kin" aria-live="polite" aria-label=${name}>
      <h2 class="title">${name} <span>${yearOf(entry.paper)}</span></h2>
      <p class="changed">${LINEAGE[name].changed}</p>
      <p>${about}</p>
      <pre class="law" tabindex="0" role="group" aria-label="The rule of ${name}">${rule.split("\n").map((line) => html`<span class="clause">${line}</span>`)}</pre>
      <dl>
        <div><dt>Line</dt><dd>${listed(line, " → ")}</dd></div>
        ${children.length === 0 ? "" : html`<div><dt>Changed further by</dt><dd>${listed(children)}</dd></div>`}
        <div><dt>State</dt><dd data-bytes=${state}><b>${Number(state.toPrecision(3))} bytes</b> a parameter of a matrix [512, 512] at the defaults:
          ${matrix} for [m, n], ${vector} for [n]</dd></div>
        <div><dt>Paper</dt><dd>${paper}</dd></div>
      </dl>
      ${copyable(`import { ${name} } from "thalweg";\n\n${entry.example}`, "Code", true)}
    </section>`;
  }

  return {
    controls: () =>
      html`${select(
        values,
        "who",
        "Optimizer",
        NAMES.map((value) => ({ value, label: value })),
      )}`,
    stage() {
      const name = at.who.value;
      const line = new Set<string>(descent(name));
      return html`<div class="family">
        <nav class="tree" aria-label="Family tree">
          <ul>${childrenOf(undefined).map((root) => node(root, line))}</ul>
          <ul aria-label="From adam on">${node(TRUNK, line)}</ul>
        </nav>
        ${panel(name)}
      </div>`;
    },
    questions: [megabytes(), least(values)],
    command: () => `npx thalweg optimizers ${at.who.value}`,
    figures: false,
    rows: () => [
      ["optimizer", "year", "changes", "bytes a parameter of [512, 512]", "paper", "what it changed"],
      ...entries.map(({ name, paper }) => {
        const { from, changed } = LINEAGE[name as OptimizerName];
        return [name, yearOf(paper), from ?? "", perParameter(name), paper, changed];
      }),
    ],
  };
}

function megabytes(): Question {
  return {
    ask: "A network has 25 million parameters in f32, which is 100 MB. How many MB of state does adamw add?",
    check(answer) {
      const wanted = (perParameter("adamw") * 25e6) / 1e6;
      const [sgd, lion] = ["sgd", "lion"].map((name) => (perParameter(name) * 25e6) / 1e6);
      return {
        right: Math.abs(answer / wanted - 1) < 0.02,
        say: `${wanted} MB: two numbers of 4 bytes for each parameter. lion adds ${lion} MB, and sgd without momentum ${sgd}.`,
      };
    },
  };
}

function least(values: Values<typeof fields>): Question {
  const choices: OptimizerName[] = ["lion", "novograd", "adafactor", "lamb"];
  return {
    ask: "Which of these keeps the least for a matrix of 4,096 × 4,096, at its defaults?",
    choices,
    check(answer) {
      const bytes = choices.map((name) => bytesOf(name, [4096, 4096]));
      const best = bytes.indexOf(Math.min(bytes[0], bytes[1], bytes[2], bytes[3]));
      const said = choices.map((name, i) => `${name} ${bytes[i].toLocaleString("en")}`).join(", ");
      return { right: answer === best, say: `In bytes: ${said}.` };
    },
    show: () => values.set("who", "adafactor"),
  };
}

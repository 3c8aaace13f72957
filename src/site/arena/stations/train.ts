/** Training for real: a table, a network and an optimizer of the library, in a worker of this browser. */
import { signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { optimizers } from "../../../optim/table.js";
import type { Settings } from "../../../tabular/index.js";
import { short } from "../draw/scale.js";
import { ArenaHinton } from "../figures/hinton.js";
import { ruleOf } from "../lab/runners.js";
import { tex } from "../math.js";
import { problemOf, segmented, select, slider, textField } from "../parts/controls.js";
import { shellWord } from "../parts/copy.js";
import { download } from "../parts/take.js";
import { choice, type Field, number, numbers, whole } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { station, type View } from "../station.js";
import { confusionTable } from "./train/confusion.js";
import { chartsOf } from "./train/curves.js";
import type { Columns, Order, Result } from "./train/messages.js";
import { patches, rowsOfUnits } from "./train/patches.js";
import { chance, withoutHidden } from "./train/questions.js";
import { DIGIT, SETS, type Table } from "./train/sets.js";
import { bytesOf, columnsOf, Trainer } from "./train/trainer.js";
import "./train/train.css";

if (customElements.get("arena-hinton") === undefined) customElements.define("arena-hinton", ArenaHinton);

/** Those that step by gradients alone. */
const OPTIMIZERS = Object.keys(optimizers).filter((name) => !name.startsWith("sophia"));
const SHAPES = [
  ...(["constant", "linear", "cosine", "cosineRestarts", "step"] as const),
  ...(["exponential", "inverseSqrt", "oneCycle", "wsd"] as const),
] satisfies NonNullable<Settings["schedule"]>[];
const ACTIVATIONS = ["relu", "leakyRelu", "elu", "selu", "gelu", "silu", "mish", "softplus", "sigmoid", "tanh"];
/** Columns to choose from; a name among more is typed. */
const MOST_COLUMNS = 200;
const text: Field<string> = { initial: "", read: (words) => words.trim(), write: String };

const fields = {
  data: choice(["digits", "trees", "own"], "digits"),
  target: text,
  hidden: numbers([64], { least: 0, most: 6, size: 1024, whole: true }),
  optimizer: choice(OPTIMIZERS, "adamw"),
  rate: number({ initial: 0, min: 0, max: 1e6 }),
  schedule: choice(SHAPES, "cosine"),
  epochs: whole({ initial: 20, min: 1, max: 2000 }),
  batch: whole({ initial: 32, min: 1, max: 100_000 }),
  held: number({ initial: 0.2, min: 0, max: 0.9 }),
  activation: choice(ACTIVATIONS, "relu"),
  backend: choice(["wasm", "js"], "wasm"),
  seed: whole({ initial: 1, min: 0, max: 4_294_967_295 }),
};

export default station({
  lede: "A network learns a table, here in the browser and beside the page: handwritten digits, two families, or a file of your own, which stays on this machine.",
  fields,
  formulas: [
    { name: "Softmax over the classes", mathml: tex`p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}` },
    { name: "Cross-entropy of a batch", mathml: tex`L = -\frac{1}{B} \sum_{i=1}^{B} \ln p_{y_i}` },
  ],
  sources: [
    {
      text: "Alpaydin & Kaynak, Optical recognition of handwritten digits, UCI Machine Learning Repository, 1998",
      href: "https://doi.org/10.24432/C50P49",
    },
    {
      text: "Hinton, Learning distributed representations of concepts, Proceedings of the Cognitive Science Society, 1986",
    },
  ],
  notice:
    "The loss on rows that are trained on falls on; that on rows held out turns up when the network begins to learn them by heart. Digits forgive nearly any optimizer: what differs is the range of rates that works.",
  setup,
});

function setup(values: Values<typeof fields>): View {
  const { at } = values;
  const trainer = new Trainer();
  /** The table of the run that is shown. */
  const trained = signal("");
  const own = signal<({ readonly bytes: Uint8Array; readonly file: string } & Columns) | undefined>(undefined);
  const charts = chartsOf();

  const settings = (): Order["settings"] => {
    const names = own.value?.names ?? [];
    const set = at.data.value === "own" ? undefined : SETS[at.data.value];
    return {
      target: set?.target ?? (at.target.value || names[names.length - 1] || "0"),
      hidden: [...at.hidden.value],
      activation: at.activation.value,
      optimizer: at.optimizer.value,
      ...(at.rate.value > 0 && { lr: at.rate.value }),
      ...("lr" in ruleOf(at.optimizer.value).hyper && { schedule: at.schedule.value }),
      epochs: at.epochs.value,
      batch: at.batch.value,
      ...(at.held.value > 0 && { validation: at.held.value }),
      seed: at.seed.value,
      simd: "strict",
    };
  };
  const tableOf = async (): Promise<Table | { file: string; table: Uint8Array }> => {
    if (at.data.peek() !== "own") return SETS[at.data.peek() as keyof typeof SETS].load();
    const mine = own.peek();
    if (mine === undefined) throw new Error("data: expected a file; choose one above");
    return { file: mine.file, table: mine.bytes };
  };
  const start = async (): Promise<void> => {
    try {
      const table = await tableOf();
      trained.value = at.data.peek();
      trainer.start({ ...table, settings: settings(), backend: at.backend.peek() as "wasm" | "js" });
    } catch (error) {
      trainer.problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  let given = 0;
  /** Reads a file; of several given in haste the last one counts. */
  const take = async (file: File): Promise<void> => {
    const mine = ++given;
    try {
      const bytes = await bytesOf(file);
      const columns = await columnsOf({ file: file.name, table: bytes });
      if (mine !== given) return;
      own.value = { bytes, file: file.name, ...columns };
      values.set("target", "");
      values.set("data", "own");
    } catch (error) {
      if (mine !== given) return;
      own.value = undefined;
      values.problem("data", error instanceof Error ? error.message : String(error));
    }
  };
  const choose = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file === undefined) return;
    await take(file);
    if (own.peek() === undefined) input.value = ""; // the same file, mended, is a change
  };
  const drop = (event: DragEvent): void => {
    const file = event.dataTransfer?.files[0];
    if (file && !(event.target instanceof HTMLInputElement)) void take(file);
  };
  const takeTable = async (): Promise<void> => {
    const { file, table } = await tableOf();
    download(file, new Blob([table as BlobPart]), "text/csv");
  };

  const ownFile = (): TemplateResult => html`<div class="control">
    <label for="own-file">Your table, CSV or JSON</label>
    <input id="own-file" type="file" accept=".csv,.tsv,.txt,.json,.jsonl,.data" @change=${choose} />
    ${own.value ? html`<p class="unit">${own.value.rows.toLocaleString("en")} rows, ${own.value.names.length} columns${own.value.notes.map((note) => html`; ${note}`)}</p>` : nothing}
  </div>`;

  const columnSelect = (names: readonly string[], target: string): TemplateResult =>
    html`<div class="control"><label for="f-target">Column to predict</label>
      <select id="f-target" @change=${(event: Event) => values.set("target", (event.target as HTMLSelectElement).value)}>
      ${names.map((name) => html`<option value=${name} ?selected=${name === target}>${name}</option>`)}</select></div>`;

  function numbersOf(): TemplateResult {
    const progress = trainer.progress.value;
    const result = trainer.result.value;
    const epochs = trainer.epochs.value;
    const last = epochs[epochs.length - 1];
    const held = result?.held;
    const speeds = trainer.speeds.value;
    const item = (name: string, value: string): TemplateResult => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    if (last === undefined || progress === undefined) return html``;
    const accuracy = held?.accuracy ?? last.held?.accuracy;
    return html`<dl class="scores" data-done=${result ? "yes" : "no"}>
      ${item("Epoch", `${last.epoch} of ${progress.of}`)}
      ${item("Loss, training", short(result?.train.loss ?? last.loss))}
      ${last.held ? item("Loss, held out", short(held?.loss ?? last.held.loss)) : nothing}
      ${accuracy === undefined || accuracy === null ? nothing : item("Right, held out", `${(accuracy * 100).toFixed(1)} %`)}
      ${held?.regression ? item("R², held out", short(held.regression.r2)) : nothing}
      ${item("Rows a second", Math.round(progress.speed).toLocaleString("en"))}
      ${Object.keys(speeds).length > 1 ? item("wasm beside js", `${short(speeds.wasm / speeds.js, 2)} times`) : nothing}
    </dl>
    <p class="caveat">${progress.backend === "wasm" ? "On wasm with strict SIMD: the same run on js, under More, ends with the same bits." : `${progress.reason}.`}</p>`;
  }

  const hinton = ({ shape: [inputs, units], weights }: Result): TemplateResult => {
    const part =
      trained.value === "digits" && inputs === DIGIT ** 2
        ? patches(weights, DIGIT, units)
        : rowsOfUnits(weights, inputs, units);
    return html`<arena-hinton .scene=${{ parts: [part], most: 16, label: part.name }}></arena-hinton>
      <p class="caveat">Area is size; filled is positive, open negative.</p>`;
  };

  return {
    controls: () => html`
      ${segmented(values, "data", "Table", [...Object.entries(SETS).map(([value, { label }]) => ({ value, label })), { value: "own", label: "Your own" }])}
      ${select(
        values,
        "optimizer",
        "Optimizer",
        OPTIMIZERS.map((value) => ({ value, label: value })),
      )}
      ${slider(values, "epochs", { label: "Epochs", from: 1, to: 100, whole: true })}
      ${textField(values, "hidden", "Hidden layers, units in each", "64,32")}`,
    more: () => html`
      ${slider(values, "rate", { label: "Rate η", unit: "(0: the optimizer’s own)", from: 0, to: 0.1 })}
      ${select(
        values,
        "schedule",
        "Schedule",
        SHAPES.map((value) => ({ value, label: value })),
      )}
      ${slider(values, "batch", { label: "Batch", from: 1, to: 512, whole: true })}
      ${slider(values, "held", { label: "Share held out", from: 0, to: 0.5 })}
      ${select(
        values,
        "activation",
        "Activation",
        ACTIVATIONS.map((value) => ({ value, label: value })),
      )}
      ${segmented(values, "backend", "Runs on", [
        { value: "wasm", label: "wasm" },
        { value: "js", label: "js" },
      ])}
      ${slider(values, "seed", { label: "Seed", from: 0, to: 100, whole: true })}
      ${problemOf(values, "target")}`,
    stage() {
      const result = trainer.result.value;
      const running = trainer.running.value;
      const problem = trainer.problem.value;
      const names = own.value?.names ?? [];
      return html`<div class="training" @drop=${drop}>
        ${
          at.data.value === "own"
            ? html`<div class="controls">${ownFile()}${
                names.length > MOST_COLUMNS
                  ? textField(values, "target", "Column to predict", names[names.length - 1])
                  : names.length > 0
                    ? columnSelect(names, settings().target)
                    : nothing
              }</div>`
            : nothing
        }
        <div class="row take">
          <button type="button" class="primary" ?disabled=${running || (at.data.value === "own" && own.value === undefined)} @click=${start}>Train</button>
          <button type="button" class="plain" ?disabled=${!running} @click=${() => trainer.stop()}>Stop</button>
          <button type="button" class="plain" ?disabled=${result === undefined}
            @click=${() => download("model.safetensors", new Blob([trainer.result.peek()!.file as BlobPart]), "application/octet-stream")}>Take the model home</button>
          <button type="button" class="plain" @click=${takeTable} ?disabled=${at.data.value === "own"}>The table as CSV</button>
        </div>
        ${problem === "" ? nothing : html`<p class="problem wide" role="alert">${problem}</p>`}
        ${numbersOf()}
        <div class="pair even">${charts(trainer.epochs.value, at.epochs.value)}</div>
        ${
          result === undefined
            ? nothing
            : html`<div class="pair even outcome"><div>${confusionTable(result)}</div><div>${hinton(result)}</div></div>`
        }
      </div>`;
    },
    questions: [
      chance(),
      withoutHidden(() => {
        values.set("data", "digits");
        values.set("hidden", []);
      }),
    ],
    command: () => {
      const { target, hidden = [], optimizer, lr, schedule, epochs, batch, validation, seed, activation } = settings();
      const file =
        at.data.value === "own"
          ? (own.value?.file ?? "data.csv")
          : at.data.value === "trees"
            ? "families.csv"
            : "digits.csv";
      return [
        `npx thalweg train ${shellWord(file)} --target${target.startsWith("-") ? "=" : " "}${shellWord(target)}`,
        `--hidden ${hidden.join(",") || "none"} --activation ${activation} --optimizer ${optimizer}`,
        ...(lr === undefined ? [] : [`--lr ${lr}`]),
        ...(schedule === undefined ? [] : [`--schedule ${schedule}`]),
        `--epochs ${epochs} --batch ${batch}`,
        ...(validation === undefined ? [] : [`--validation ${validation}`]),
        `--seed ${seed} --simd strict --save model.safetensors`,
      ].join(" ");
    },
    code: () => `// The model that you took home:
import { readFile } from "node:fs/promises";
import { loadModel } from "thalweg/data";

const bytes = await readFile("model.safetensors");
const model = await loadModel(bytes);
console.log(model.target, model.fields);`,
    rows: () => [
      ["epoch", "loss", "loss held out", "accuracy held out"],
      ...trainer.epochs.peek().map(({ epoch, loss, held }) => [epoch, loss, held?.loss ?? "", held?.accuracy ?? ""]),
    ],
    dispose: () => trainer.dispose(),
  };
}

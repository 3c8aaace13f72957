/**
 * What `thalweg export --html` writes: a form for one row, and the prediction for it. Names of columns and classes are foreign
 * text, and reach the page as text alone.
 */
import { dateText } from "../dateText.js";
import type { Field } from "../fields.js";
import type { Prediction } from "../predictions.js";
import type { TableModel } from "../tableModel.js";
import { loadCarried } from "./load.js";

/** The number of classes that are shown at first. */
const SHOWN = 12;

type Content = readonly (Node | string)[];

function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...content: Content
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

/** The control for a field, with its usual value. */
function control(
  { kind, values = [], format, clock, usual, optional }: Field,
  id: string,
): HTMLInputElement | HTMLSelectElement {
  if (kind === "category") {
    const options = values.map((value) => new Option(value, value, value === usual));
    if (optional) options.push(new Option("(missing)", ""));
    return element("select", { id }, ...options);
  }
  if (kind === "number") {
    const made = element("input", { id, value: String(usual), autocomplete: "off", type: "number", step: "any" });
    if (optional) made.placeholder = "(missing)";
    return made;
  }
  const iso = new Date(Number(usual) * 1000).toISOString();
  if (format === "time of day") return element("input", { id, value: iso.slice(11, 16), type: "time" });
  return element("input", { id, value: iso.slice(0, clock ? 16 : 10), type: clock ? "datetime-local" : "date" });
}

/** What a control says, as a cell of the column would. */
const cellOf = ({ kind, format }: Field, { value }: { value: string }): string =>
  kind === "date" ? dateText(format!, value) : value;

function form(fields: readonly Field[], changed: (row: Record<string, string>) => void): HTMLFormElement {
  const controls = fields.map((field, i) => control(field, `field-${i}`));
  const labels = fields.map(({ name, unit }, i) =>
    element("div", {}, element("label", { for: `field-${i}` }, named(name, unit)), controls[i]),
  );
  const reset = element("button", { type: "reset" }, "Usual values");
  const made = element("form", { autocomplete: "off" }, ...labels, element("div", { class: "buttons" }, reset));
  const report = () => changed(Object.fromEntries(fields.map((field, i) => [field.name, cellOf(field, controls[i])])));
  made.addEventListener("input", report);
  made.addEventListener("reset", () => setTimeout(report)); // once the controls have their first values again
  made.addEventListener("submit", (event) => event.preventDefault());
  report();
  return made;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
/** As many as mean something to a reader: `data` has them all. */
const digits = (value: number): string =>
  Number(value.toPrecision(5)).toLocaleString(undefined, { maximumSignificantDigits: 5 });
/** A name with the sign at its numbers. */
const named = (name: string, unit = ""): string => (unit === "" ? name : `${name} (${unit})`);
/** Classes that say nothing without the name of their column: 0, 1.5, true, no. */
const BARE = /^([-+\d.,\s]*|true|false|yes|no|.)$/iu;

/** A prediction as elements. `data` has the exact numbers, which are rounded for the eye. */
function shown(prediction: Prediction, target: string): Content {
  if ("value" in prediction) {
    const { value } = prediction;
    return [element("p", { class: "answer" }, element("data", { value: String(value) }, digits(value)))];
  }
  const { label, probabilities } = prediction;
  const entries = Object.entries(probabilities);
  const listed = entries.length > SHOWN ? [...entries].sort(([, p], [, q]) => q - p) : entries;
  const bars = listed.slice(0, SHOWN).map(([name, p]) => {
    const filled = element("div", {});
    filled.style.width = `${100 * p}%`;
    const bar = element("div", { class: "bar", "aria-hidden": "true" }, filled);
    const texts = [element("span", {}, name), element("data", { value: String(p) }, percent(p))];
    return element("li", name === label ? { class: "best" } : {}, ...texts, bar);
  });
  const rest = entries.length > SHOWN ? [element("p", {}, `and ${entries.length - SHOWN} classes less probable`)] : [];
  const text = BARE.test(label) ? `${target}: ${label}` : label;
  const size = text.length > 14 ? "answer long" : "answer";
  return [element("p", { class: size }, text), element("ul", {}, ...bars), ...rest];
}

/** The message of an error without the place, which is the only row there is. */
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^rows, row 1(, |: )/, "");

function show(model: TableModel, main: HTMLElement): void {
  const { target, fields, source, schema } = model;
  const answer = element("output", { "aria-live": "polite" });
  const asked = form(fields, (row) => {
    try {
      answer.replaceChildren(...shown(model.predict([row])[0], target));
      answer.className = "";
    } catch (error) {
      answer.textContent = messageOf(error);
      answer.className = "error";
    }
  });
  const unit = schema.target.task === "regression" ? schema.target.unit : "";
  const inputs = `${fields.length} ${fields.length === 1 ? "column" : "columns"}`;
  const about = `Predicted from ${inputs}, by a model trained on ${source}`;
  main.replaceChildren(
    element("header", {}, element("h1", {}, named(target, unit)), element("p", {}, about)),
    element("section", { class: "prediction", "aria-label": "Prediction" }, element("h2", {}, "Prediction"), answer),
    element("section", { "aria-label": "Row" }, asked),
    element("footer", {}, "Computed in this page: nothing that is entered leaves it."),
  );
}

const main = document.querySelector("main")!;
loadCarried().then(
  (model) => show(model, main),
  (error: unknown) => {
    main.textContent = messageOf(error);
  },
);

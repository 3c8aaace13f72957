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
    const made = element("select", { id }, ...values.map((value) => new Option(value, value)));
    if (optional) made.append(new Option("(missing)", ""));
    made.value = String(usual);
    return made;
  }
  if (kind === "number")
    return element("input", { id, value: String(usual), autocomplete: "off", type: "number", step: "any" });
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
    element("div", {}, element("label", { for: `field-${i}` }, unit ? `${name} (${unit})` : name), controls[i]),
  );
  const made = element("form", {}, ...labels);
  const report = () => changed(Object.fromEntries(fields.map((field, i) => [field.name, cellOf(field, controls[i])])));
  made.addEventListener("input", report);
  made.addEventListener("submit", (event) => event.preventDefault());
  report();
  return made;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const digits = (value: number): string =>
  Number(value.toPrecision(6)).toLocaleString(undefined, { maximumSignificantDigits: 6 });

/** A prediction as elements. `data` has the exact numbers, which are rounded for the eye. */
function shown(prediction: Prediction): Content {
  if ("value" in prediction) {
    const { value } = prediction;
    return [element("p", { class: "answer" }, element("data", { value: String(value) }, digits(value)))];
  }
  const { label, probabilities } = prediction;
  const entries = Object.entries(probabilities);
  const listed = entries.length > SHOWN ? [...entries].sort(([, p], [, q]) => q - p) : entries;
  const bars = listed.slice(0, SHOWN).map(([name, p]) => {
    const bar = element("meter", { min: "0", max: "1", value: String(p), "aria-hidden": "true" });
    return element("li", {}, element("span", {}, name), bar, element("data", { value: String(p) }, percent(p)));
  });
  const rest = entries.length > SHOWN ? [element("p", {}, `and ${entries.length - SHOWN} classes less probable`)] : [];
  return [element("p", { class: "answer" }, label), element("ul", {}, ...bars), ...rest];
}

/** The message of an error without the place, which is the only row there is. */
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^rows, row 1(, |: )/, "");

function show(model: TableModel, main: HTMLElement): void {
  const answer = element("output", { "aria-live": "polite" });
  const asked = form(model.fields, (row) => {
    try {
      answer.replaceChildren(...shown(model.predict([row])[0]));
      answer.className = "";
    } catch (error) {
      answer.textContent = messageOf(error);
      answer.className = "error";
    }
  });
  const about = `${model.schema.names?.length ?? model.schema.width} columns of ${model.source}`;
  main.replaceChildren(
    element("h1", {}, model.target),
    element("section", { "aria-label": "Prediction" }, answer),
    element("section", { "aria-label": "Row" }, asked),
    element("footer", {}, `Trained on ${about}. Nothing leaves this page. `, element("small", {}, model.engine.reason)),
  );
}

const main = document.querySelector("main")!;
loadCarried().then(
  (model) => show(model, main),
  (error: unknown) => {
    main.textContent = messageOf(error);
  },
);

/** Controls of fields: each has its label, and says in its place what is wrong with an entry. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { short } from "../draw/scale.js";
import type { NumberOptions } from "../state/fields.js";
import type { Values } from "../state/values.js";
import { typed } from "./typed.js";

// biome-ignore lint/suspicious/noExplicitAny: of any station
type AnyValues = Values<any>;

export interface SliderOptions {
  readonly label: string;
  /** Ends of the slider, within those of the field. */
  readonly from?: number;
  readonly to?: number;
  readonly log?: boolean;
  /** For the memory of a running mean, below 1: each part of the way brings it ten times nearer to 1. */
  readonly nearOne?: boolean;
  readonly whole?: boolean;
  /** What the value means, beside the label. */
  readonly unit?: string;
  readonly disabled?: boolean;
}

const NOTCHES = 1000;

/** What is wrong with a field, in its place. */
export const problemOf = (values: AnyValues, name: string): TemplateResult | typeof nothing => {
  const text = values.problems.value[name];
  values.drawn.add(name);
  return text === undefined ? nothing : html`<p class="problem" id="problem-${name}" role="alert">${name}: ${text}</p>`;
};

const described = (values: AnyValues, name: string): string | typeof nothing =>
  values.problems.value[name] === undefined ? nothing : `problem-${name}`;

/** Where a value stands between the ends of a slider, and the value at a place, in few digits and never past an end. */
function wayOf(
  { from, to, log, nearOne, whole }: SliderOptions & { readonly from: number; readonly to: number },
  value: number,
): { share: number; valueAt(share: number): number } {
  const within = (found: number): number => Math.max(from, Math.min(to, whole ? Math.round(found) : found));
  const rounded = (found: number, digits: number): number => Number(found.toPrecision(digits));
  if (log)
    return {
      share: Math.log(value / from) / Math.log(to / from),
      valueAt: (share) => within(rounded(from * (to / from) ** share, 2)),
    };
  if (nearOne)
    return {
      share: Math.log((1 - value) / (1 - from)) / Math.log((1 - to) / (1 - from)),
      valueAt: (share) => within(rounded(1 - rounded((1 - from) * ((1 - to) / (1 - from)) ** share, 2), 12)),
    };
  return {
    share: (value - from) / (to - from),
    valueAt: (share) => within(rounded(from + share * (to - from), 3)),
  };
}

/** A slider and the number beside it: either sets the field, and the number takes what the slider has no notch for. */
export function slider(values: AnyValues, name: string, options: SliderOptions): TemplateResult {
  const field = values.fields[name] as NumberOptions;
  const { label, unit, disabled = false } = options;
  const value = values.at[name].value as number;
  const { share, valueAt } = wayOf({ from: field.min, to: field.max, ...options }, value);
  const slide = (event: Event): void =>
    values.set(name, valueAt(Number((event.target as HTMLInputElement).value) / NOTCHES));
  return html`<div class="control slider">
    <label for="f-${name}">${label}${unit === undefined ? nothing : html` <span class="unit">${unit}</span>`}</label>
    <div class="row">
      <input type="range" min="0" max=${NOTCHES} step="1" aria-label="${label}, slider" aria-valuetext=${short(value)} ?disabled=${disabled}
        .value=${live(String(Math.round(Math.max(0, Math.min(1, share)) * NOTCHES)))} @input=${slide} />
      ${entry(values, name, disabled)}
    </div>
    ${problemOf(values, name)}
  </div>`;
}

/** The number of a field as text, read when it is left or Enter is pressed. */
function entry(values: AnyValues, name: string, disabled: boolean): TemplateResult {
  const text = values.fields[name].write(values.at[name].value);
  const enter = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    values.enter(name, input.value);
    input.value = values.fields[name].write(values.at[name].peek()); // what is kept, as it is written
  };
  return html`<input class="number" id="f-${name}" type="text" inputmode="decimal" autocomplete="off" spellcheck="false" ?disabled=${disabled}
    .value=${typed(text)} @change=${enter} aria-invalid=${values.problems.value[name] === undefined ? "false" : "true"}
    aria-describedby=${described(values, name)} />`;
}

/** A field of text, such as a list of numbers. */
export function textField(values: AnyValues, name: string, label: string, hint?: string): TemplateResult {
  const text = values.fields[name].write(values.at[name].value);
  const enter = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    // What is wrong stays to be mended.
    if (values.enter(name, input.value)) input.value = values.fields[name].write(values.at[name].peek());
  };
  return html`<div class="control text">
    <label for="f-${name}">${label}</label>
    <input id="f-${name}" type="text" autocomplete="off" spellcheck="false" .value=${typed(text)} placeholder=${hint ?? nothing} @change=${enter}
      aria-invalid=${values.problems.value[name] === undefined ? "false" : "true"} aria-describedby=${described(values, name)} />
    ${problemOf(values, name)}
  </div>`;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function select(values: AnyValues, name: string, label: string, options: readonly Option[]): TemplateResult {
  const chosen = values.at[name].value as string;
  return html`<div class="control">
    <label for="f-${name}">${label}</label>
    <select id="f-${name}" .value=${live(chosen)} @change=${(event: Event) => values.set(name, (event.target as HTMLSelectElement).value)}>
      ${options.map((each) => html`<option value=${each.value} ?selected=${each.value === chosen}>${each.label}</option>`)}
    </select>
    ${problemOf(values, name)}
  </div>`;
}

/** A few choices side by side. */
export function segmented(values: AnyValues, name: string, label: string, options: readonly Option[]): TemplateResult {
  const chosen = values.at[name].value as string;
  return html`<fieldset class="control segmented">
    <legend>${label}</legend>
    <div class="segments">
      ${options.map(
        (
          each,
        ) => html`<label><input type="radio" name="f-${name}" value=${each.value} .checked=${live(each.value === chosen)}
          @change=${() => values.set(name, each.value)} /><span>${each.label}</span></label>`,
      )}
    </div>
    ${problemOf(values, name)}
  </fieldset>`;
}

export function checkbox(values: AnyValues, name: string, label: string): TemplateResult {
  return html`<div class="control check">
    <label><input type="checkbox" .checked=${live(values.at[name].value as boolean)}
      @change=${(event: Event) => values.set(name, (event.target as HTMLInputElement).checked)} /> ${label}</label>
    ${problemOf(values, name)}
  </div>`;
}

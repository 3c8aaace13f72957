/** Which optimizers run: those chosen with their marks, and a list to add from. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Values } from "../state/values.js";
import { problemOf } from "./controls.js";
import { key } from "./legend.js";

// biome-ignore lint/suspicious/noExplicitAny: of any station
export function runnerPicker(values: Values<any>, name: string, label: string): TemplateResult {
  const { options, most } = values.fields[name] as unknown as { options: readonly string[]; most: number };
  const chosen = values.at[name].value as readonly string[];
  const add = (event: Event): void => {
    const input = event.target as HTMLSelectElement;
    if (input.value !== "") values.set(name, [...chosen, input.value]);
    input.value = "";
  };
  const full = chosen.length >= most;
  return html`<div class="control picker">
    <label for="f-${name}">${label}</label>
    <ul class="chips">${chosen.map(
      (each, i) =>
        html`<li>${key(i)}${each}${
          chosen.length > 1
            ? html`<button type="button" class="remove" aria-label="Remove ${each}" @click=${() =>
                values.set(
                  name,
                  chosen.filter((other) => other !== each),
                )}>×</button>`
            : nothing
        }</li>`,
    )}</ul>
    <select id="f-${name}" @change=${add} ?disabled=${full}>
      <option value="">${full ? `At most ${most}` : "Add…"}</option>
      ${options.filter((each) => !chosen.includes(each)).map((each) => html`<option value=${each}>${each}</option>`)}
    </select>
    ${problemOf(values, name)}
  </div>`;
}

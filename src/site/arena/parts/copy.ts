/** Text to take along: a command or code, with a button that copies it. */
import { html, type TemplateResult } from "lit-html";
import { announce } from "./announce.js";

/** A command breaks between its words alone, never after the hyphens of an option. */
const words = (text: string): TemplateResult[] =>
  text.split(" ").map((word, i) => html`${i === 0 ? "" : " "}<span class="word">${word}</span>`);

export function copyable(text: string, label: string, wraps = false): TemplateResult {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      announce(`${label}: copied`);
    } catch {
      announce("The browser did not allow copying: select the text");
    }
  };
  return html`<div class="copyable"><pre tabindex="0" role="group" class=${wraps ? "wraps" : ""} aria-label=${label}><code>${wraps ? words(text) : text}</code></pre>
    <button type="button" class="plain" @click=${copy} aria-label="Copy: ${label}">Copy</button></div>`;
}

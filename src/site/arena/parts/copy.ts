/** Text to take along: a command or code, with a button that copies it. */
import { html, type TemplateResult } from "lit-html";
import { announce } from "./announce.js";

/** Copies a text and says so, or what to do where the browser refuses; a page that is not secure has no clipboard at all. */
export async function copy(text: string, done: string, refused: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(done);
  } catch {
    announce(refused);
  }
}

/** A text as one word of a shell, which expands nothing of it: an address may hold anything, and what is copied is run. */
export const shellWord = (text: string): string =>
  /^[\w.-]+$/.test(text) ? text : `'${text.replace(/\p{Cc}/gu, " ").replaceAll("'", "'\\''")}'`;

/** A command breaks between its words alone, never after the hyphens of an option. */
const words = (text: string): TemplateResult[] =>
  text.split(" ").map((word, i) => html`${i === 0 ? "" : " "}<span class="word">${word}</span>`);

export function copyable(text: string, label: string, wraps = false): TemplateResult {
  const take = (): Promise<void> =>
    copy(text, `${label}: copied`, "The browser did not allow copying: select the text");
  return html`<div class="copyable"><pre tabindex="0" role="group" class=${wraps ? "wraps" : ""} aria-label=${label}><code>${wraps ? words(text) : text}</code></pre>
    <button type="button" class="plain" @click=${take} aria-label="Copy: ${label}">Copy</button></div>`;
}

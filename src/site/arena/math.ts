/** Formulas: tex`…` is MathML when the page is built (vite.config.ts), and stays TeX where modules are loaded as they are. */
import type { TemplateResult } from "lit-html";
import { html } from "lit-html";
import { unsafeHTML } from "lit-html/directives/unsafe-html.js";

export const tex = (source: TemplateStringsArray): string => source.raw[0];

/** A formula on the page. The text is our own, made at build time. */
export const formula = (mathml: string): TemplateResult => html`<div class="formula">${unsafeHTML(mathml)}</div>`;

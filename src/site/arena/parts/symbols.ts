/** Symbols of plain text as they are set on a page. */
import { html, type TemplateResult } from "lit-html";

/** The library's formulas have λmax in plain text: here its word stands below the line. */
export const typeset = (text: string): TemplateResult =>
  html`${text.split("λmax").map((part, i) => (i === 0 ? part : html`λ<sub>max</sub>${part}`))}`;

/** The mark of a series beside its name: line, dash and marker as figures draw them. */
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { dashOf, markerOf } from "../draw/palette.js";
import { SHAPES } from "../draw/pen.js";

export function key(series: number): TemplateResult {
  const shape = markerOf(series);
  const dash = dashOf(series);
  const round = shape === "circle" || shape === "ring";
  const points = round ? "" : SHAPES[shape].map((each, i) => (each * 4 + (i % 2 === 0 ? 15 : 7)).toFixed(1)).join(" ");
  return html`<svg class="key s${series % 8}" viewBox="0 0 30 14" width="30" height="14" aria-hidden="true">
    <path d="M1 7H29" stroke-dasharray=${dash.length === 0 ? nothing : dash.join(" ")} />
    ${round ? svg`<circle cx="15" cy="7" r="4" class=${shape} />` : svg`<polygon points=${points} />`}
  </svg>`;
}

/** The mark and the words that it belongs to, on one line. */
export const keyed = (series: number, words: string): TemplateResult =>
  html`<span class="unit">${key(series)}${words}</span>`;

/** The runners as a table: how each stands at the step that is shown, and how it ended once that is reached. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Race, Run } from "../../../../landscape/index.js";
import { short } from "../../draw/scale.js";
import type { Hit } from "../../figures/planeScene.js";
import { key } from "../legend.js";
import { typeset } from "../symbols.js";

export interface Ranked {
  readonly race: Race;
  readonly decades: Readonly<Record<string, number>>;
  readonly shown: number;
  readonly lowest: number | undefined;
  readonly hover: Hit | undefined;
  onHover(hit: Hit | undefined): void;
}

/** The last step of the longest run. */
export const lastStep = ({ runs }: Race): number => runs.reduce((most, { path }) => Math.max(most, path.length - 1), 0);

export function rankingTable({ race, decades, shown, lowest, hover, onHover }: Ranked): TemplateResult {
  const over = shown >= lastStep(race);
  const rows = over ? race.ranking : race.runs;
  const swept = Object.keys(decades).length > 0;
  return html`<table class="ranking">
    <caption class="sr">Runners ${over ? "from first to last" : `at step ${shown}`}</caption>
    <thead><tr>
      <th scope="col">${over ? "Ranking" : "Runner"}</th><th scope="col" class="n">rate</th>
      <th scope="col" class=${swept ? "n spare" : "n"}>${lowest === undefined ? "f" : "f − f*"}</th>
      ${swept ? html`<th scope="col" class="n" title="Decades of rate that arrived">decades</th>` : nothing}
      <th scope="col">outcome</th>
    </tr></thead>
    <tbody>${rows.map((run) => {
      const series = race.runs.indexOf(run);
      const step = Math.min(shown, run.losses.length - 1);
      return html`<tr data-on=${hover?.series === series ? "yes" : "no"} data-label=${run.label}
        @pointerenter=${() => onHover({ series, step })} @pointerleave=${() => onHover(undefined)}>
        <th scope="row">${key(series)}${run.label}</th>
        <td class="n">${run.lr === undefined ? "none" : short(run.lr, 3)}</td>
        <td class=${swept ? "n spare" : "n"}>${short(run.losses[step] - (lowest ?? 0), 3)}</td>
        ${swept ? html`<td class="n">${short(decades[run.label] ?? 0, 3)}</td>` : nothing}
        <td>${outcome(run, shown)}</td>
      </tr>`;
    })}</tbody>
  </table>`;
}

/** What has become of a run by the step that is shown. */
function outcome(
  { summary, outcome: how, reached, ended, losses, limit }: Run,
  shown: number,
): TemplateResult | string {
  if (reached !== undefined && shown >= reached) return html`<b>${reached}</b> steps`;
  if (ended !== undefined && shown >= ended)
    return html`<b>${how}</b> at step ${ended}${how === "diverged" && limit ? html`<span class="limit">limit ${typeset(limit.formula)} = ${short(limit.rate, 2)}</span>` : nothing}`;
  return shown >= losses.length - 1 ? summary.replace(/; limit.*/, "") : "on its way";
}

/** A station on the page: its parts in their order, each of which a lesson may leave out. */
import { signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { formula } from "./math.js";
import { announce } from "./parts/announce.js";
import { copy, copyable } from "./parts/copy.js";
import { numbersTable } from "./parts/numbers.js";
import { Asked } from "./parts/question.js";
import { csvText, download, pngBlob, type Rows, svgText } from "./parts/take.js";
import type { Address, View as PageView, Part } from "./state/address.js";
import { Values } from "./state/values.js";
import type { Station, View } from "./station.js";
import type { Entry } from "./stations.js";

export class OpenStation {
  readonly entry: Entry;
  // biome-ignore lint/suspicious/noExplicitAny: of any station
  readonly values: Values<any>;
  readonly #station: Station;
  readonly #view: View;
  readonly #questions: readonly Asked[];
  readonly #more = signal(false);
  readonly #numbers = signal(false);

  constructor(entry: Entry, station: Station, address: Address) {
    this.entry = entry;
    this.#station = station;
    this.values = new Values(station.fields);
    this.values.read(address);
    this.#view = station.setup(this.values);
    this.#questions = this.#view.questions.map((each, i) => new Asked(each, String(i)));
  }

  dispose(): void {
    this.#view.dispose?.();
  }

  page({ hidden, embedded }: PageView): TemplateResult {
    const { title } = this.entry;
    const shows = (part: Part): boolean => !hidden.has(part);
    this.values.drawn.clear();
    const controls = shows("controls")
      ? html`<div class="controls">${this.#part(() => this.#view.controls())}</div>`
      : nothing;
    const more = shows("controls") && this.#view.more ? this.#moreControls(this.#view.more) : nothing;
    const left = [...hidden].map((part) => `no-${part}`).join(" ");
    return html`<article class="station ${left}" data-station=${this.entry.id}>
      ${
        embedded
          ? html`<h1 class="sr" tabindex="-1">${title}</h1>`
          : html`<div class="opening"><h1 tabindex="-1">${title}</h1><p class="lede">${this.#station.lede}</p></div>`
      }
      ${this.#strays()}
      ${controls}
      <div class="stage">${this.#part(() => this.#view.stage())}</div>
      ${more}
      ${embedded ? nothing : this.#reading(shows)}
    </article>`;
  }

  /** A part of the station; one that fails says so in its place, and the page lives on. */
  #part(make: () => TemplateResult | typeof nothing): TemplateResult | typeof nothing {
    try {
      return make();
    } catch (error) {
      return html`<p class="problem" role="alert">${error instanceof Error ? error.message : String(error)}</p>`;
    }
  }

  /** What was wrong with fields of the address that have no control on the page, or none that is open. */
  #strays(): TemplateResult | typeof nothing {
    const problems = Object.entries(this.values.problems.value).filter(([name]) => !this.values.drawn.has(name));
    if (problems.length === 0) return nothing;
    return html`<div class="problem wide" role="alert">${problems.map(([name, text]) => html`<p><b>${name}</b>: ${text}</p>`)}</div>`;
  }

  #moreControls(more: () => TemplateResult): TemplateResult {
    const open = this.#more.value;
    return html`<details class="more" ?open=${open} @toggle=${(event: Event) => (this.#more.value = (event.target as HTMLDetailsElement).open)}>
      <summary>More</summary>
      ${open ? html`<div class="controls">${this.#part(more)}</div>` : nothing}
    </details>`;
  }

  #reading(shows: (part: Part) => boolean): TemplateResult {
    const { formulas, sources, notice } = this.#station;
    return html`<div class="reading">
      <div class="column">
        ${shows("notice") ? html`<section class="notice"><h2>Notice</h2><p>${notice}</p></section>` : nothing}
        ${shows("question") && this.#questions.length > 0 ? html`<section><h2>Before you look</h2>${this.#questions.map((each) => each.view())}</section>` : nothing}
      </div>
      <div class="column">
        ${
          shows("formula")
            ? html`<section><h2>Formula</h2>
                ${formulas.map(({ name, mathml }) => html`<figure class="rule"><figcaption>${name}</figcaption>${formula(mathml)}</figure>`)}
                ${sources.map(({ text, href }) => html`<p class="source">${href === undefined ? text : html`<a href=${href} rel="noopener">${text}</a>`}</p>`)}
              </section>`
            : nothing
        }
        ${shows("command") ? this.#part(() => this.#inNode()) : nothing}
        ${shows("export") ? this.#take() : nothing}
      </div>
    </div>`;
  }

  #inNode(): TemplateResult | typeof nothing {
    const command = this.#view.command?.();
    const code = this.#view.code?.();
    if (command === undefined && code === undefined) return nothing;
    return html`<section><h2>The same in Node</h2>
      ${command === undefined ? nothing : copyable(command, "The command", true)}
      ${code === undefined ? nothing : copyable(code, "The code")}
    </section>`;
  }

  /** The numbers of the figures as a table, thinned out where there are many; made when it is opened. */
  #table(rows: () => Rows): TemplateResult {
    const open = this.#numbers.value;
    const toggle = (event: Event): void => {
      this.#numbers.value = (event.target as HTMLDetailsElement).open;
    };
    return html`<details class="more" ?open=${open} @toggle=${toggle}>
      <summary>The numbers as a table</summary>
      ${open ? this.#part(() => numbersTable(rows())) : nothing}
    </details>`;
  }

  #take(): TemplateResult {
    const stage = (): Element => document.querySelector(".stage")!;
    const { id, title } = this.entry;
    const png = (): Promise<void> =>
      pngBlob(stage(), title).then(
        (blob) => download(`thalweg-${id}.png`, blob, "image/png"),
        (error) => announce(String(error instanceof Error ? error.message : error)),
      );
    const rows = this.#view.rows;
    const link = (): Promise<void> =>
      copy(location.href, "The link is copied", "The browser did not allow copying: take the address of the page");
    return html`<section><h2>Take it along</h2>
      <div class="row take">
        ${
          this.#view.figures === false
            ? nothing
            : html`<button type="button" class="plain" @click=${() => download(`thalweg-${id}.svg`, svgText(stage(), title), "image/svg+xml")}>SVG</button>
                <button type="button" class="plain" @click=${png}>PNG</button>`
        }
        ${rows ? html`<button type="button" class="plain" @click=${() => download(`thalweg-${id}.csv`, csvText(rows.call(this.#view)), "text/csv")}>CSV</button>` : nothing}
        <button type="button" class="plain" @click=${link}>Copy link</button>
      </div>
      ${rows ? this.#table(() => rows.call(this.#view)) : nothing}
    </section>`;
  }
}

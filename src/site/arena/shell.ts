/** Header, navigation and the open station; the address follows the station, and the station the address. */
import { effect, type Signal, signal } from "@preact/signals-core";
import { html, nothing, render, type TemplateResult } from "lit-html";
import { isDark, theme } from "./figures/theme.js";
import { engineBackend, engineReason } from "./lab/engine.js";
import { OpenStation } from "./openStation.js";
import { announcement, spoken } from "./parts/announce.js";
import { type Address, readAddress, readView, writeAddress } from "./state/address.js";
import { shown } from "./state/fields.js";
import { type Entry, loadStation, STATIONS } from "./stations.js";

const view = readView(location.search);
const open: Signal<OpenStation | undefined> = signal(undefined);
const failure = signal("");
/** Set until the reader has seen which part of the address was wrong. */
const notice = signal(view.problem ?? "");
const menu = signal(false);
let generation = 0;
/** The address as this page read or wrote it last; another one is a way that someone goes, and its event is yet to come. */
let known = location.hash;
/** The address of what is seen, until it is written. */
let unwritten: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

export function startShell(root: HTMLElement): void {
  root.replaceChildren();
  effect(() => {
    render(page(), root);
  });
  addEventListener("hashchange", () => void go(readAddress(location.hash)));
  effect(() => {
    const station = open.value;
    if (station === undefined) return;
    writeSoon(station);
  });
  // A file that is let fall beside its place would take that of the page.
  for (const kind of ["dragover", "drop"] as const)
    addEventListener(kind, (event) => {
      const place = event.target instanceof HTMLInputElement && event.target.type === "file";
      if (!place && event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  // What a click takes along has the address of what is seen now.
  addEventListener("click", write, { capture: true });
  void go(readAddress(location.hash));
}

const addressOf = ({ entry, values }: OpenStation): string => writeAddress(entry.id, values.write());

function writeSoon(station: OpenStation): void {
  unwritten = addressOf(station);
  clearTimeout(timer);
  timer = setTimeout(write, 200); // browsers refuse many changes at once
}

function write(): void {
  clearTimeout(timer);
  // Written over an address to which someone is on the way, it would take them back.
  if (unwritten !== undefined && unwritten !== known && location.hash === known) {
    history.replaceState(null, "", unwritten);
    known = location.hash;
  }
  unwritten = undefined;
}

async function go(address: Address): Promise<void> {
  const mine = ++generation;
  clearTimeout(timer);
  known = location.hash;
  unwritten = undefined; // of the station that is left, whose address would take the place of this one
  failure.value = "";
  const entry = STATIONS.find(({ id }) => id === address.station) ?? STATIONS[0];
  const unknown = address.station !== "" && entry.id !== address.station;
  const problems = [
    view.problem,
    address.problem,
    unknown ? `station: there is none called “${shown(address.station)}”; this is ${entry.title}` : undefined,
  ];
  notice.value = problems.filter(Boolean).join(". ");
  try {
    const current = open.peek();
    if (current?.entry.id === entry.id) {
      current.values.read(address);
      writeSoon(current); // what was wrong with it goes, even where nothing else changes
      return;
    }
    const station = await loadStation(entry.id);
    if (mine !== generation) return;
    const next = new OpenStation(entry, station, address);
    current?.dispose();
    open.value = next;
    menu.value = false;
    document.title = `${entry.title} · Thalweg arena`;
    if (current !== undefined) {
      scrollTo(0, 0);
      document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    }
  } catch (error) {
    if (mine !== generation) return;
    failure.value = `${entry.title} could not be opened: ${error instanceof Error ? error.message : error}`;
  }
}

function page(): TemplateResult {
  const station = open.value;
  const embedded = view.embedded;
  const navigation = !embedded && !view.hidden.has("nav");
  return html`
    <a class="skip" href="#main" @click=${skip}>Skip to the station</a>
    ${embedded ? nothing : header(navigation)}
    <div class=${navigation ? "layout" : "layout alone"}>
      ${navigation ? rail(station?.entry) : nothing}
      <main id="main" tabindex="-1">
        ${notice.value === "" ? nothing : html`<p class="problem wide" role="alert">${notice.value}</p>`}
        ${failure.value === "" ? nothing : html`<p class="problem wide" role="alert">${failure.value}</p>`}
        ${station?.page(view) ?? (failure.value === "" ? html`<p class="loading">Loading…</p>` : nothing)}
      </main>
    </div>
    ${embedded ? embedFooter(station) : footer()}
    <p class="toast" role="status" aria-live="polite" data-shown=${announcement.value === "" ? "no" : "yes"}>${announcement.value}</p>
    <p class="sr" aria-live="polite">${spoken.value}</p>
  `;
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function header(navigation: boolean): TemplateResult {
  return html`<header class="head">
    <a class="mark" href="#${STATIONS[0].id}" aria-label="Thalweg arena, first station">
      <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 6c8 0 9 6 13 12s6 9 6 13" /><path d="M12 2c5 3 7 7 10 12s7 8 7 13" /><path class="line" d="M6 2c7 2 9 7 13 13s7 9 7 15" /></svg>
      <span>Thalweg</span> <span class="sub">arena</span>
    </a>
    ${besides("beside")}
    ${navigation ? html`<button type="button" class="plain menu" aria-expanded=${menu.value ? "true" : "false"} aria-controls="rail" @click=${() => (menu.value = !menu.value)}>Stations</button>` : nothing}
    <button type="button" class="plain" @click=${() => (theme.value = isDark() ? "light" : "dark")}>${isDark() ? "Light" : "Dark"}<span class="sr"> theme</span></button>
  </header>`;
}

/** What stands beside the arena on a host, which its page names; as it is shipped it stands alone. */
const besides = (name: string): TemplateResult[] =>
  [...document.head.querySelectorAll<HTMLLinkElement>('link[rel="help"]')].map(
    ({ href, title }) => html`<a class=${name} href=${href}>${title}</a> `,
  );

function rail(current: Entry | undefined): TemplateResult {
  const groups = [...new Set(STATIONS.map(({ group }) => group))];
  return html`<nav id="rail" class="rail" aria-label="Stations" data-open=${menu.value ? "yes" : "no"}>
    ${groups.map(
      (group) => html`<h2>${group}</h2>
        <ul>
          ${STATIONS.filter((each) => each.group === group).map(
            ({ id, title }) =>
              html`<li><a href="#${id}" aria-current=${id === current?.id ? "page" : nothing}>${title}</a></li>`,
          )}
        </ul>`,
    )}
  </nav>`;
}

function footer(): TemplateResult {
  const slow = engineBackend.value === "js";
  return html`<footer class="foot">
    <p>Every number here is computed by the library itself${engineReason.value === "" ? "" : `, on ${engineBackend.value}: ${slow ? engineReason.value.replace(/^js: |\.$/g, "") : "strict SIMD, the same bits on every machine"}`}.
      ${slow ? "The bits are those of WebAssembly; only the speed differs." : "The page has no update rule of its own."}</p>
    <p>${besides("")} Thalweg ${__VERSION__}</p>
  </footer>`;
}

const embedFooter = (station: OpenStation | undefined): TemplateResult =>
  html`<p class="embedded"><a href=${`${location.pathname}${station ? addressOf(station) : location.hash}`} target="_blank" rel="noopener">Open in the Thalweg arena</a></p>`;

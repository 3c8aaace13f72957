/**
 * Goes through stations of the arena from within its page, where no protocol drives the browser: served before the page's own
 * script, it notes every error, opens the stations that /tour/stops lists, and posts what it found to /tour/found.
 */
const LIMIT = 20_000;
const errors = [];
const note = (what) => errors.push(String(what));
addEventListener("error", (event) => note(event.error ?? event.message ?? `${event.target?.src ?? event.target?.href} did not load`), true); // biome-ignore format: one line
addEventListener("unhandledrejection", ({ reason }) => note(reason));
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => note(`${violatedDirective} ${blockedURI}`)); // biome-ignore format: one line
for (const kind of ["error", "warn"]) {
  const own = console[kind];
  console[kind] = (...words) => {
    note(`console.${kind}: ${words.join(" ")}`);
    own.apply(console, words);
  };
}

// A file that is taken along is read here, and not written.
let taken;
const address = URL.createObjectURL;
URL.createObjectURL = (blob) => {
  taken = blob.text();
  return address.call(URL, blob);
};
HTMLAnchorElement.prototype.click = () => {};

const all = (selector) => [...document.querySelectorAll(selector)];
const button = (words) => all("button").find(({ textContent }) => textContent.trim() === words);
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What `look` finds, as soon as it finds something. */
async function awaited(what, look) {
  for (const end = performance.now() + LIMIT; performance.now() < end; await later(20)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`waited for ${what}`);
}

/** The lines of the CSV below its stamp and its head. */
async function rows() {
  button("CSV").click();
  return (await taken).trim().split("\n").slice(2);
}

async function visited({ hash, press, until, rows: wanted }) {
  errors.length = 0;
  location.hash = hash;
  const id = hash.split("?")[0];
  const stage = `[data-station="${id}"] .stage`;
  try {
    await awaited("its figures", () => document.querySelector(`${stage} > :not(.loading)`));
    // What is folded is opened, until nothing is.
    for (let folded; (folded = document.querySelector("details.more:not([open]) > summary")); await later(20))
      folded.click();
    if (press) button(press).click();
    if (until) await awaited(until, () => document.querySelector(until));
    const found = wanted ? await awaited("rows", async () => ((await rows()).length > 0 ? rows() : undefined)) : [];
    const text = (selector) => document.querySelector(selector)?.textContent.trim() ?? "";
    const said = { command: text(".copyable code"), stage: text(stage), foot: text(".foot"), page: text("#arena") };
    return { hash, errors: [...errors], rows: found, ...said };
  } catch (error) {
    return { hash, errors: [...errors, String(error)], rows: [], command: "", stage: "", foot: "", page: "" };
  }
}

addEventListener("load", async () => {
  const stops = await (await fetch("tour/stops")).json();
  const found = [];
  for (const stop of stops) found.push(await visited(stop));
  const body = JSON.stringify({ isolated: crossOriginIsolated, found });
  await fetch("tour/found", { method: "POST", body });
});

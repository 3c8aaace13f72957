/**
 * What the test's page runs, and its worker: a training run with each of the engine options of the address, the outcomes
 * written where the test reads them. The import of the sources is turned to the built package when this is bundled.
 */
import * as thalweg from "../../src/index.js";
import { train } from "../support/training.js";

const here = new URL(location.href);
const options = JSON.parse(here.searchParams.get("options") ?? "[{}]");
const outcome = (async () => {
  const outcomes = [];
  for (const one of options) outcomes.push(await train(thalweg, one).catch((error) => ({ error: String(error) })));
  return outcomes;
})();

if (typeof document === "undefined") outcome.then(postMessage);
else if (here.searchParams.has("worker")) {
  const worker = new Worker(`/page.js${here.search}`, { type: "module" });
  worker.onmessage = ({ data }) => show(data);
  worker.onerror = ({ message }) => show([{ error: `worker: ${message}` }]);
} else outcome.then(show);

function show(result: unknown): void {
  const element = document.createElement("pre");
  element.id = "outcome";
  element.textContent = JSON.stringify(result);
  document.body.append(element);
}

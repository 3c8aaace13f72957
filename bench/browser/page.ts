/** What the page runs: the benches with the options of its address, the table shown as it will be read by the server. */
import { run } from "../run.js";
import { tables } from "../tables.js";

const { searchParams } = new URL(location.href);
const show = (id: string, content: string): void => {
  document.getElementById("state")?.remove();
  const element = document.createElement("pre");
  element.id = id;
  element.textContent = content;
  document.body.append(element);
};

const agent = navigator.userAgent.match(/(Firefox|Edg|Chrome|Version)\/[\d.]+/)?.[0] ?? navigator.userAgent;
const options = {
  quick: searchParams.has("quick"),
  only: searchParams.get("only") ?? undefined,
  kernels: searchParams.get("kernels") ?? undefined,
};
run(options, { runtime: agent.replace("/", " "), cpu: `${navigator.hardwareConcurrency} cores` }).then(
  (results) => {
    show("table", tables(results));
    show("json", JSON.stringify(results));
    document.getElementById("json")!.hidden = true;
  },
  (error: Error) => show("error", `${error.stack ?? error}`),
);

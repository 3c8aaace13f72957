/** The page of the library's own benches. */
import { run } from "../run.js";
import { report } from "./report.js";

report((options) =>
  run(
    {
      quick: options.has("quick"),
      only: options.get("only") ?? undefined,
      kernels: options.get("kernels") ?? undefined,
    },
    { runtime: "", cpu: "" }, // the server knows better: a page is not told its processor
  ),
);

/** The pictures of docs/ that the commands draw, as `npm run docs:tables` writes them. */
import { scheduleSvg } from "../src/cli/scheduleSvg.js";
import { landscapes, race, raceSvg } from "../src/landscape/index.js";
import { cosine, warmup } from "../src/schedule/index.js";

/** Each by its path. */
export async function pictures(): Promise<Record<string, string>> {
  const { ravine } = landscapes;
  const runners = ["sgd", "momentum", "nag", "adam"];
  const result = await race(ravine, runners, { start: [-4, 2], steps: 100, rates: 0.03 });
  return {
    "docs/race-ravine.svg": raceSvg(ravine, result),
    "docs/schedule-cosine.svg": scheduleSvg(warmup(100, cosine(1e-3, { steps: 900 })), 1000),
  };
}

/** The critical points of the surfaces, each found once: in a worker, or on the page where there is none. */
import { type Classified, criticalPoints, type LandscapeName, landscapes } from "../../../../landscape/index.js";
import { started } from "../../lab/workers.js";

/** Surfaces whose critical points are too many to be of use as marks, 441 to 16,641; noise has none of its own. */
const WITHOUT: readonly LandscapeName[] = ["rastrigin", "ackley", "levy13", "noisyBowl"];
const asked = new Map<LandscapeName, Promise<readonly Classified[]>>();

export function pointsOf(name: LandscapeName): Promise<readonly Classified[]> {
  if (WITHOUT.includes(name)) return Promise.resolve([]);
  const known = asked.get(name) ?? found(name);
  asked.set(name, known);
  return known;
}

const found = (name: LandscapeName): Promise<readonly Classified[]> =>
  new Promise((resolve) => {
    const here = (): void => resolve(criticalPoints(landscapes[name]));
    try {
      const worker = started(() => new Worker(new URL("./pointsWorker.ts", import.meta.url), { type: "module" }));
      worker.addEventListener("message", ({ data }: MessageEvent<readonly Classified[]>) => {
        worker.terminate();
        resolve(data);
      });
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        worker.terminate();
        here();
      });
      worker.postMessage(name);
    } catch {
      here();
    }
  });

/** Finds the critical points of a surface beside the page, which half a second of interval arithmetic would hold up. */
import { criticalPoints, type LandscapeName, landscapes } from "../../../../landscape/index.js";

const host = self as unknown as { postMessage(found: unknown): void };
self.addEventListener("message", ({ data }: MessageEvent<LandscapeName>) => {
  host.postMessage(criticalPoints(landscapes[data]));
});

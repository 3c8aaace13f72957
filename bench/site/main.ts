/**
 * `npm run bench:site`: frames of the arena's race with eight optimizers, as a headless Chromium draws them without a GPU: the
 * time from one frame to the next, and the processor time that the page's own thread takes for each.
 */
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { serveFolder } from "../../src/cli/arenaServer.js";
import { launchChromium } from "../../test/support/chromium.js";

const SECONDS = 7;
const RACERS = "sgd,momentum,nag,adagrad,rmsprop,adam,lion,adadelta";
const STATIONS: Readonly<Record<string, string>> = {
  "the race, eight optimizers": `race?who=${RACERS}&steps=5000&speed=1`,
  "the race, eight optimizers, ten steps a frame": `race?who=${RACERS}&steps=5000&speed=10`,
};

/** Milliseconds between frames, as text: the compiler would put calls of its own into a function. */
const GAPS = `new Promise((resolve) => {
  const gaps = [];
  let last = performance.now();
  const until = last + ${SECONDS * 1000};
  const frame = () => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    if (now < until) requestAnimationFrame(frame);
    else resolve(gaps);
  };
  requestAnimationFrame(frame);
})`;

const cpu = cpus()[0]!.model;
console.log(
  `Node ${process.versions.node}, ${cpus().length} cores of ${cpu}, load ${loadavg()[0]!.toFixed(1)}, no GPU\n`,
);
console.log("| station | width | pixel ratio | median, ms | 95th percentile, ms | processor a frame, ms |");
console.log("| --- | --- | --- | --- | --- | --- |");

const folder = fileURLToPath(new URL("../../dist/arena", import.meta.url));
const { url, close } = await serveFolder({ folder, port: 0 });
const browser = await launchChromium();
for (const [name, hash] of Object.entries(STATIONS))
  for (const [width, deviceScaleFactor] of [
    [1440, 1],
    [1440, 2],
    [360, 2],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height: width < 600 ? 740 : 900 }, deviceScaleFactor });
    await page.goto(`${url}#${hash}`);
    await page.locator(".stage canvas").first().waitFor();
    await page.waitForTimeout(1500);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" }); // not what others take meanwhile
    const busy = async (): Promise<number> =>
      (await session.send("Performance.getMetrics")).metrics.find((metric) => metric.name === "TaskDuration")!.value;
    const before = await busy();
    const gaps = await page.evaluate<number[]>(GAPS);
    const spent = ((await busy()) - before) / gaps.length;
    gaps.sort((a, b) => a - b);
    const share = (of: number): string => gaps[Math.min(gaps.length - 1, Math.floor(of * gaps.length))]!.toFixed(1);
    console.log(
      `| ${name} | ${width} | ${deviceScaleFactor} | ${share(0.5)} | ${share(0.95)} | ${(spent * 1000).toFixed(1)} |`,
    );
    await page.close();
  }
await browser.close();
await close();

/** The pictures of a loss in docs/landscapes.md: a network of the digits where Adam has left it, and its way there. */
import { createEngine } from "../src/engine/create.js";
import {
  hessianSpectralDensity,
  lossSurface,
  lossSurfaceSvg,
  spectralDensitySvg,
  trajectoryDirections,
} from "../src/landscape/index.js";
import { greatest, least } from "../src/math/extremes.js";
import { relu } from "../src/nn/activation.js";
import { softmaxCrossEntropy } from "../src/nn/crossEntropy.js";
import { dense } from "../src/nn/dense.js";
import { sequential } from "../src/nn/sequential.js";
import { adam } from "../src/optim/adam.js";
import { train } from "../src/train/train.js";
import { digits } from "./digits/data.js";

const EPOCHS = 20;
const PIXELS = 64;
/** Images whose loss is drawn. */
const IMAGES = 1000;
/** Few draws, and a width that suits both spectra. */
const SPECTRUM = { draws: 3, sigma: 0.008 };
/** Points along an axis. */
const POINTS = 41;
/** How much of its length a run has of room on either side. */
const ROOM = 0.2;

/** The texts of the SVG files, by their names in docs/. */
export async function lossPictures(): Promise<Readonly<Record<string, string>>> {
  using engine = await createEngine({ backend: "wasm", simd: "strict" }); // the same bits on every host
  const { train: data } = digits();
  const model = sequential(engine, [dense(PIXELS, 32), relu(), dense(32, 10)], { seed: 1 });
  const copy = () => model.parameters().map((parameter) => parameter.toArray());
  const snapshots = [copy()];
  const x = engine.tensor([IMAGES, PIXELS], data.x.slice(0, IMAGES * PIXELS));
  const batch = { x, y: data.y.slice(0, IMAGES) };
  const before = hessianSpectralDensity(model, softmaxCrossEntropy, batch, SPECTRUM);
  await train(
    model,
    { x: engine.tensor([data.rows, PIXELS], data.x), y: data.y },
    {
      optimizer: adam(model.parameters(), { lr: 0.003 }),
      loss: softmaxCrossEntropy,
      epochs: EPOCHS,
      batchSize: 32,
      seed: 1,
      onEpoch: () => void snapshots.push(copy()),
    },
  );
  model.eval();
  const after = hessianSpectralDensity(model, softmaxCrossEntropy, batch, SPECTRUM);
  const around = lossSurface(model, softmaxCrossEntropy, batch, { seed: 1, points: POINTS });
  const { directions, path, explained } = trajectoryDirections(snapshots);
  const [alphaRange, betaRange] = [0, 1].map((axis) => range(path.map((point) => point[axis])));
  const run = lossSurface(model, softmaxCrossEntropy, batch, { directions, alphaRange, betaRange, points: POINTS });
  const share = Math.round(100 * (explained[0] + explained[1]));
  return {
    "loss-surface.svg": lossSurfaceSvg(around, { title: `Digits, 64-32-10, after ${EPOCHS} epochs of Adam` }),
    "loss-trajectory.svg": lossSurfaceSvg(run, {
      title: `The ${EPOCHS} epochs`,
      caption: `principal directions of the run, ${share} % of its variance`,
      path,
    }),
    "loss-spectrum.svg": spectralDensitySvg([before, after], {
      labels: ["before training", `after ${EPOCHS} epochs of Adam`],
    }),
  };
}

function range(values: readonly number[]): [number, number] {
  const [from, to] = [least(values), greatest(values)];
  const room = ROOM * (to - from);
  return [from - room, to + room];
}

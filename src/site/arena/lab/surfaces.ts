/** The surfaces of a plane, and where a run starts on each. */
import { type Landscape, type LandscapeName, landscapes } from "../../../landscape/index.js";

export const SURFACES = Object.keys(landscapes) as LandscapeName[];

/** Where a race is worth a look: on the walls of a ravine, before a bend, beside a ridge. */
const STARTS: Partial<Record<LandscapeName, readonly [number, number]>> = {
  bowl: [-4, 2],
  ravine: [-4, 2],
  ravine15: [-4, 2],
  rosenbrock: [-1.5, 1.5],
  beale: [1, 1.5],
  himmelblau: [-0.5, -0.5],
  booth: [-8, 6],
  mccormick: [3.5, 3],
  rastrigin: [-2.3, 1.6],
  ackley: [-3.4, 2.6],
  goldsteinPrice: [-1.5, 1],
  saddle: [-2.5, 0.001],
  monkeySaddle: [0.9, 0.4],
  quartic: [0.05, 1.5],
  plateau: [-5, 2],
  canal: [-3.5, 0.8],
};

/** The start of a surface; of one not named above a tenth along x and seven along y, as the command has it. */
export function startOn(name: LandscapeName): readonly [number, number] {
  const [[x0, x1], [y0, y1]] = landscapes[name].domain;
  return STARTS[name] ?? [x0 + (x1 - x0) * 0.1, y0 + (y1 - y0) * 0.7];
}

/** What is wrong with a start, in words; undefined for one within the domain. */
export function startProblem({ domain }: Landscape, point: readonly number[]): string | undefined {
  const wrong = domain.findIndex(([from, to], i) => point[i] < from || point[i] > to);
  if (wrong < 0) return undefined;
  const [from, to] = domain[wrong];
  return `expected ${"xy"[wrong]} from ${from} to ${to}, got ${point[wrong]}; the surface's own start is used`;
}

const LABELS: Partial<Record<LandscapeName, string>> = {
  ravine: "Ravine, x² + 10y²",
  ravine15: "Steeper ravine, x² + 15y²",
  goldsteinPrice: "Goldstein–Price",
  levy13: "Lévy 13",
  mccormick: "McCormick",
  noisyBowl: "Noisy bowl",
  quartic: "Two minima, x⁴ − 3x² + 2 + y²",
  sixHumpCamel: "Six-hump camel",
  styblinskiTang: "Styblinski–Tang",
  threeHumpCamel: "Three-hump camel",
  monkeySaddle: "Monkey saddle",
};

/** What a surface is called on the page. */
export const surfaceLabel = (name: LandscapeName): string => LABELS[name] ?? name[0].toUpperCase() + name.slice(1);

/** Surfaces for a select. */
export const SURFACE_OPTIONS = SURFACES.map((value) => ({ value, label: surfaceLabel(value) }));

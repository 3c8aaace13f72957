/** `thalweg/landscapes`: surfaces to descend, what their points are, and races across them. */
export { type DataPoints, type NoisyBowlOptions, noisyBowl, regressionBowl } from "./bowls.js";
export { type Classified, type ClassifyOptions, classify, type PointKind } from "./classify.js";
export { criticalPoints } from "./criticalPoints.js";
export type { Landscape, Minimum } from "./landscape.js";
export { type Race, type RaceMode, type RaceOptions, type Run, race, rateGrid, type SweptRate } from "./race.js";
export type { RateLimit, Runner } from "./runner.js";
export { raceSvg } from "./svg.js";
export { type LandscapeName, landscape, landscapes } from "./table.js";
export { type Terrain, type TerrainKind, terrain } from "./terrain.js";

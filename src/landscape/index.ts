/**
 * `thalweg/landscapes`: surfaces to descend, what their points are, and races across them; and the surface that a model's
 * loss is.
 */
export { type DataPoints, type NoisyBowlOptions, noisyBowl, regressionBowl } from "./bowls.js";
export { type Classified, type ClassifyOptions, classify, type PointKind } from "./classify.js";
export { criticalPoints } from "./criticalPoints.js";
export type { Landscape, Minimum } from "./landscape.js";
export { type DensityOptions, hessianSpectralDensity, type SpectralDensity } from "./model/density.js";
export { type DensitySvgOptions, spectralDensitySvg } from "./model/densitySvg.js";
export {
  type Direction,
  type DirectionLike,
  directionTo,
  type FilterNormalizedOptions,
  filterNormalizedDirection,
  type TrajectoryDirections,
  trajectoryDirections,
} from "./model/directions.js";
export { type EigenvalueOptions, type HessianEigenvalues, hessianEigenvalues } from "./model/eigenvalues.js";
export { lossSliceSvg, type SliceSvgOptions } from "./model/sliceSvg.js";
export {
  type LossSlice,
  type LossSurface,
  lossSlice,
  lossSurface,
  type SliceOptions,
  type SurfaceOptions,
} from "./model/slices.js";
export { lossSurfaceSvg, type SurfaceSvgOptions } from "./model/svg.js";
export { type Race, type RaceMode, type RaceOptions, type Run, race, type SweptRate } from "./race.js";
export { rateGrid } from "./rateGrid.js";
export type { RateLimit, Runner } from "./runner.js";
export { raceSvg } from "./svg.js";
export { type LandscapeName, landscape, landscapes } from "./table.js";
export { type Terrain, type TerrainKind, terrain } from "./terrain.js";

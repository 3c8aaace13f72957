/** The fields of a race and their controls: where, from where, how long, how fast it is played, and the seed of noise. */
import { html, nothing, type TemplateResult } from "lit-html";
import { type LandscapeName, landscapes } from "../../../../landscape/index.js";
import { SURFACE_OPTIONS, SURFACES } from "../../lab/surfaces.js";
import { choice, number, point, whole } from "../../state/fields.js";
import type { Values } from "../../state/values.js";
import { select, slider } from "../controls.js";

export interface RaceDefaults {
  readonly surface: LandscapeName;
  /** Those to choose from. Default: all. */
  readonly surfaces?: readonly LandscapeName[];
  readonly rate: number;
  readonly steps: number;
}

/** Spread these into the fields of a station that has a RaceView. */
export const raceFields = ({ surface, surfaces = SURFACES, rate, steps }: RaceDefaults) => ({
  surface: choice<LandscapeName>(surfaces, surface),
  rate: number({ initial: rate, min: 0, above: true, max: 1e12 }),
  steps: whole({ initial: steps, min: 1, max: 5000 }),
  speed: whole({ initial: 1, min: 1, max: 1000 }),
  start: point,
  seed: whole({ initial: 1, min: 0, max: 2 ** 31 }),
});
export type RaceFields = ReturnType<typeof raceFields>;

// biome-ignore lint/suspicious/noExplicitAny: of any station that has these fields
type AnyValues = Values<any>;

export const surfaceSelect = (values: AnyValues, surfaces: readonly LandscapeName[] = SURFACES): TemplateResult =>
  select(
    values,
    "surface",
    "Surface",
    SURFACE_OPTIONS.filter(({ value }) => surfaces.includes(value)),
  );

/** Steps, speed, and the seed where the surface has noise: they go under "More". */
export const runSliders = (values: AnyValues): TemplateResult => html`
  ${slider(values, "steps", { label: "Steps", from: 10, to: 5000, log: true, whole: true })}
  ${slider(values, "speed", { label: "Steps a frame", from: 1, to: 1000, log: true, whole: true })}
  ${
    landscapes[values.at.surface.value as LandscapeName].noisyGrad
      ? slider(values, "seed", { label: "Seed of the noise", from: 0, to: 100, whole: true })
      : nothing
  }`;

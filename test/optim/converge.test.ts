/**
 * Converge: every row of THE TABLE reaches the minimum of a bowl, of a ravine ten times steeper one way than the other,
 * and of Rosenbrock's curved valley.
 */
import { describe, expect, it } from "vitest";
import { descend, type Surface, type SurfaceName, surfaces } from "../../src/testing/surfaces.js";
import { backends, shared } from "../support/backends.js";
import { feedCurvature } from "../support/curvature.js";
import { table, trialsOf } from "../support/options.js";

const exact = backends.filter(({ exact }) => exact);

describe.each(exact)("$name", (backend) => {
  const own = shared(backend);
  describe.each(table)("%s", (_, factory) => {
    it.each(Object.entries(surfaces))("%s", (name, surface: Surface) => {
      const { descend: settings } = trialsOf(factory.rule);
      const hyper = settings[name as SurfaceName];
      const end = descend(own(), factory, surface, hyper, settings.constant, (opt, t, x) =>
        feedCurvature(opt, t, [x], ({ data }) => surface.diagonal([...data])),
      );
      for (const [i, value] of end.entries()) expect(value).toBeCloseTo(surface.minimum[i], 3);
    });
  });
});

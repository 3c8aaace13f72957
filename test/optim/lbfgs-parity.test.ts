/** L-BFGS has the same bits on all backends and numbers of threads. */
import { describe, expect, it } from "vitest";
import { lbfgs } from "../../src/optim/lbfgs.js";
import { backends, threaded } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { scene, variants } from "../support/lbfgsScene.js";
import { firstDifference } from "../support/numbers.js";

describe("the same bits everywhere", () => {
  const js = backends.find(({ name }) => name === "js")!;
  const others = [...backends.filter(({ exact, name }) => exact && name !== "js"), ...[2, 3, 4].map(threaded)];
  it.each(others.flatMap((row) => variants.map((variant) => ({ ...variant, row, where: row.name }))))(
    "$where, $title",
    async ({ hyper, row }) => {
      const [want, got] = await Promise.all(
        [js, row].map(async (backend) => {
          const engine = await backend.create();
          const { tensors, closure } = scene(engine);
          const opt = lbfgs(tensors, hyper);
          const path = Array.from({ length: 12 }, () => {
            opt.step(closure);
            return Float32Array.from(flat(tensors));
          });
          const { groups } = opt.stateDict();
          const slots = groups.flatMap(({ params }) => params.flatMap((one) => Object.values(one)));
          engine.dispose();
          return { path, slots, scalars: groups[0].scalars };
        }),
      );
      expect(firstDifference(got.path, want.path)).toBeUndefined();
      expect(firstDifference(got.slots, want.slots)).toBeUndefined();
      expect(got.scalars).toEqual(want.scalars);
      expect(firstDifference([want.path[11]], [want.path[0]])).toBeDefined();
    },
  );
});

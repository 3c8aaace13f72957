/** A parameter whose first step comes late, and finds no memory: it is as if it had not been asked for. */
import { it } from "vitest";
import { backends } from "../support/backends.js";
import { uniform } from "../support/numbers.js";
import { driven, matricesAlone } from "../support/options.js";
import { everyRefusal } from "../support/outOfMemory.js";

const [js] = backends;

// On js alone: what it asks for is the same on every backend.
it.each(driven)("%s: a thawed parameter", async (name, factory) => {
  await everyRefusal(js, (engine) => {
    const shapes = matricesAlone.has(name)
      ? [
          [4, 5],
          [3, 2],
        ]
      : [[4, 5], [5]];
    const tensors = shapes.map((shape, i) =>
      engine.tensor(
        shape,
        uniform(
          shape.reduce((a, b) => a * b),
          i,
        ),
      ),
    );
    const opt = factory(tensors);
    const fill = (t: number) => {
      for (const [i, p] of tensors.entries()) p.grad.set(uniform(p.size, 10 * t + i));
    };
    fill(0);
    tensors[0].requiresGrad = false;
    for (let t = 1; t < 4; t++) {
      fill(t);
      opt.step(() => 0);
    }
    tensors[0].requiresGrad = true;
    const slots = () => opt.stateDict().groups[0].params.map((record) => Object.entries(record));
    return {
      act: () => void opt.step(() => 0),
      state: () => [tensors.map((p) => p.toArray()), JSON.stringify(slots())],
    };
  });
});

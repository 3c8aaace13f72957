/** Arrays of the caller's as parameters: what cannot be stepped is refused before anything changes. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import { adam } from "../../src/optim/adam.js";

describe.each(["js", "wasm"] as const)("attached arrays that share memory, on %s", (backend) => {
  const refused = /expected arrays that share no memory, got two that overlap/;
  it("are refused: a step would write the same numbers twice", async () => {
    using engine = await createEngine({ backend });
    const all = new Float32Array(8);
    const attach = (from: number, to: number) =>
      engine.attach(all.subarray(from, to), { grad: new Float32Array(to - from) });
    expect(() => adam([attach(0, 4), attach(0, 4)])).toThrow(/groups\[0\]\.params: expected arrays/);
    expect(() => adam([attach(4, 8), attach(0, 5)])).toThrow(refused);
    expect(() => adam([{ params: [attach(0, 5)] }, { params: [attach(4, 8)] }])).toThrow(refused);
    using opt = adam([attach(4, 8), attach(0, 2), attach(2, 4)]);
    expect(() => opt.addParamGroup({ params: [attach(7, 8)] })).toThrow(refused);
    opt.step();
  });
});

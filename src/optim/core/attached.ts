/** Parameters in arrays of the caller's, which a step copies in and out on wasm, and on js all, whose memory it looks at. Every step runs this: loops by index. */
import type { Tensor } from "../../engine/tensor.js";

export function pullAll(attached: readonly Tensor[]): void {
  for (let i = 0; i < attached.length; i++) {
    const tensor = attached[i];
    if (tensor.hasGradient) tensor.pull();
    // Without a gradient it does not step, but a rule's `start` and `mode` read every parameter.
    else tensor.pullData();
  }
}

export function pushAll(attached: readonly Tensor[]): void {
  for (let i = 0; i < attached.length; i++) attached[i].push();
}

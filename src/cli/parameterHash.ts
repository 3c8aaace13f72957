import { createHash } from "node:crypto";
import type { Tensor } from "../engine/tensor.js";

/**
 * SHA-256, in hex, of the numbers of all tensors in order, as little-endian f32. A NaN, whose bits the host may choose,
 * counts as 0x7fc00000.
 */
export function sha256(tensors: readonly Pick<Tensor, "data">[]): string {
  const hash = createHash("sha256");
  for (const { data } of tensors) {
    const bytes = new DataView(new ArrayBuffer(data.length * 4));
    data.forEach((x, i) => {
      if (Number.isNaN(x)) bytes.setUint32(i * 4, 0x7fc00000, true);
      else bytes.setFloat32(i * 4, x, true);
    });
    hash.update(bytes);
  }
  return hash.digest("hex");
}

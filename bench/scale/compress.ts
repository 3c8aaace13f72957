/**
 * Gradient compression with error feedback (Seide et al., 2014; Karimireddy et al., 2019): what a message leaves out is added
 * to the next. `gradient` becomes what arrives, `error` what is still to be sent.
 */
import type { Compression } from "./network.js";

/** Values of one scale. */
const CHUNK = 1024;

export function compress(kind: Compression, gradient: Float32Array, error: Float32Array): void {
  if (kind === "none") return;
  for (let start = 0; start < gradient.length; start += CHUNK) {
    const end = Math.min(gradient.length, start + CHUNK);
    let sum = 0;
    let most = 0;
    for (let i = start; i < end; i++) {
      gradient[i] += error[i]!;
      const size = Math.abs(gradient[i]!);
      sum += size;
      if (size > most) most = size;
    }
    const scale = kind === "signs" ? sum / (end - start) : most / 127;
    for (let i = start; i < end; i++) {
      const x = gradient[i]!;
      const sent = kind === "signs" ? (x < 0 ? -scale : scale) : scale === 0 ? 0 : scale * Math.round(x / scale);
      error[i] = x - sent;
      gradient[i] = sent;
    }
  }
}

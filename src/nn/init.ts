import { rangeError } from "../check.js";
import type { Tensor } from "../engine/tensor.js";
import type { Random } from "../math/random.js";

/**
 * Initialization of weights [in, out]:
 * - "uniform": U(−b, b) with b = 1/√in, for weights and biases: PyTorch's `nn.Linear`.
 * - "heUniform", "heNormal": variance 2/in, for relu (He et al., ICCV 2015, eq. 10). Biases 0.
 * - "glorotUniform", "glorotNormal": variance 2/(in + out), for sigmoid and tanh (Glorot & Bengio, AISTATS 2010, eq.
 *   16). Biases 0.
 * - "zeros".
 * - { uniform: b }: U(−b, b), for weights and biases.
 */
export type Init = (typeof NAMES)[number] | { readonly uniform: number };

const NAMES = ["uniform", "heUniform", "heNormal", "glorotUniform", "glorotNormal", "zeros"] as const;

export function checkInit(init: unknown): asserts init is Init {
  const bound = (init as { uniform?: unknown } | null)?.uniform;
  if (typeof bound === "number" && Number.isFinite(bound) && bound >= 0) return;
  if (NAMES.includes(init as (typeof NAMES)[number])) return;
  throw rangeError("init", `${NAMES.map((name) => `"${name}"`).join(", ")} or { uniform: bound ≥ 0 }`, init);
}

/**
 * Initializes a weight [in, out] or a bias of a layer with these widths; "ones" is for the weights of normalisations.
 */
export function initialize(tensor: Tensor, init: Init | "ones", inputs: number, outputs: number, random: Random): void {
  const bias = tensor.shape.length === 1;
  const draw = drawer(init, inputs, outputs, random, bias);
  const data = tensor.data;
  for (let i = 0; i < data.length; i++) data[i] = draw();
}

function drawer(init: Init | "ones", inputs: number, outputs: number, random: Random, bias: boolean): () => number {
  const uniform = (bound: number) => () => bound * (2 * random.uniform() - 1);
  const normal = (deviation: number) => () => deviation * random.normal();
  if (typeof init === "object") return uniform(init.uniform);
  if (init === "uniform") return uniform(1 / Math.sqrt(inputs));
  if (init === "ones") return () => 1;
  if (init === "zeros" || bias) return () => 0;
  switch (init) {
    case "heUniform":
      return uniform(Math.sqrt(6 / inputs));
    case "heNormal":
      return normal(Math.sqrt(2 / inputs));
    case "glorotUniform":
      return uniform(Math.sqrt(6 / (inputs + outputs)));
    case "glorotNormal":
      return normal(Math.sqrt(2 / (inputs + outputs)));
  }
}

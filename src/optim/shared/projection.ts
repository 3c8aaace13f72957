import type { Shape, Tensor } from "../../engine/tensor.js";
import type { Member, StepContext } from "../core/rule.js";

type Context = StepContext<{ eps: number; delta: number }, object>;
type Four = [Tensor, Tensor, Tensor, Tensor];

/** What {@link projected} works in. */
export function projectionScratch(shape: Shape): Record<string, Shape> {
  const rows = shape[0];
  const columns = shape.reduce((product, d) => product * d, 1) / rows;
  const [whole, column] = [
    [rows, columns],
    [rows, 1],
  ];
  return {
    ...{ up: whole, gp: whole, gg: whole, pp: whole },
    ...{ dots: column, gNorms: column, pNorms: column, along: column },
    ...{ ones: [columns, 1], across: [1, columns] },
  } as Record<string, Shape>;
}

/**
 * Takes the part along θ out of a step u where the gradient is at right angles to θ, which is how scale-invariant
 * weights show: u - (u·θ) θ / (‖θ‖ + ε)², for each row if |cos(g, θ)| < δ / √columns in all of them, else for the tensor
 * as a whole if |cos(g, θ)| < δ / √size. Heo et al., AdamP, ICLR 2021, equations 11 and 12.
 *
 * @param products kernel that writes uθ, gθ, g² and θ² to four tensors behind u
 * @param away kernel that takes kθ from u, with k behind it
 * @returns whether u was projected
 */
export function projected(c: Context, member: Member, u: Tensor, products: string, away: string): boolean {
  const { ops, gradScale } = c;
  const { eps, delta } = c.hyper;
  const { p, g } = member;
  const rows = p.shape[0];
  const columns = p.size / rows;
  const [up, gp, gg, pp] = ["up", "gp", "gg", "pp"].map((name) => c.scratch(name, [rows, columns])) as Four;
  c.run(products, [], member, [u, up, gp, gg, pp]);
  const ones = c.scratch("ones", [columns, 1]);
  ops.fill(ones, 1);
  // Sums of rows as products with a column of ones: the same bits fused or not.
  const sums = (terms: Tensor, name: string): Tensor => {
    const out = c.scratch(name, [rows, 1]);
    ops.matmul(terms, ones, out);
    return out;
  };
  const dots = sums(gp, "dots");
  const gNorms = sums(gg, "gNorms");
  const pNorms = sums(pp, "pNorms");
  let invariant = true;
  for (let r = 0; r < rows; r++) {
    // Written so that NaN counts as not at right angles.
    const cosine = similarity(dots.data[r], Math.sqrt(gNorms.data[r]), Math.sqrt(pNorms.data[r]), eps);
    invariant &&= cosine < delta / Math.sqrt(columns);
  }
  if (invariant) {
    const along = sums(up, "along");
    for (let r = 0; r < rows; r++) along.data[r] /= squared(Math.sqrt(pNorms.data[r]) + eps);
    const across = c.scratch("across", [1, columns]);
    ops.fill(across, 1);
    ops.matmul(along, across, gp);
    c.run(away, [], member, [u, gp]);
    return true;
  }
  const pNorm = ops.norm(p);
  const cosine = similarity(ops.dot(g, p) * gradScale, ops.norm(g) * Math.abs(gradScale), pNorm, eps);
  if (!(cosine < delta / Math.sqrt(p.size))) return false;
  ops.axpy(-ops.dot(u, p) / squared(pNorm + eps), p, u);
  return true;
}

const squared = (x: number): number => x * x;

/** |cos| of two vectors by their product and norms, as torch has it: no norm counts as less than ε. */
const similarity = (dot: number, a: number, b: number, eps: number): number =>
  Math.abs(dot) / (Math.max(a, eps) * Math.max(b, eps));

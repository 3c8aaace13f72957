import { type Shape, sizeOf, type Tensor } from "../../engine/tensor.js";
import type { Member, StepContext } from "../core/rule.js";

type Context = StepContext<{ eps: number; delta: number }, object>;
type Four = [Tensor, Tensor, Tensor, Tensor];

/** Working memory of {@link projected}: u and g times θ, squares, their sums over rows, and vectors for these sums. */
export function projectionScratch(shape: Shape): Record<string, Shape> {
  const rows = shape[0];
  const columns = sizeOf(shape) / rows;
  const whole: Shape = [rows, columns];
  const column: Shape = [rows, 1];
  return {
    ...{ uTheta: whole, gradTheta: whole, gradSquare: whole, thetaSquare: whole },
    ...{ dots: column, gradNorms: column, thetaNorms: column, along: column },
    ...{ ones: [columns, 1], across: [1, columns] },
  };
}

/**
 * Removes the part along θ from a step u where the gradient is nearly at right angles to θ, as for scale-invariant
 * weights: u - (u·θ) θ / (‖θ‖ + ε)², row by row if |cos(g, θ)| < δ / √columns in every row, otherwise for the tensor
 * as a whole if |cos(g, θ)| < δ / √size. Heo et al., AdamP, ICLR 2021, equations 11 and 12.
 *
 * @param products name of the kernel that writes uθ, gθ, g² and θ² to the four tensors after u
 * @param away name of the kernel that subtracts kθ from u, with k in the tensor after u
 * @returns whether u was projected
 */
export function projected(c: Context, member: Member, u: Tensor, products: string, away: string): boolean {
  const { ops, gradScale } = c;
  const { eps, delta } = c.hyper;
  const { p, g } = member;
  const rows = p.shape[0];
  const columns = p.size / rows;
  const [uTheta, gradTheta, gradSquare, thetaSquare] = ["uTheta", "gradTheta", "gradSquare", "thetaSquare"].map(
    (name) => c.scratch(name, [rows, columns]),
  ) as Four;
  c.run(products, [], member, [u, uTheta, gradTheta, gradSquare, thetaSquare]);
  const ones = c.scratch("ones", [columns, 1]);
  ops.fill(ones, 1);
  // Sums over rows as matrix products with a column of ones: the same bits with fused multiply-adds or without.
  const sums = (terms: Tensor, name: string): Tensor => {
    const out = c.scratch(name, [rows, 1]);
    ops.matmul(terms, ones, out);
    return out;
  };
  const dots = sums(gradTheta, "dots");
  const gradNorms = sums(gradSquare, "gradNorms");
  const thetaNorms = sums(thetaSquare, "thetaNorms");
  let invariant = true;
  for (let r = 0; r < rows; r++) {
    const cosine = Number.isFinite(gradNorms.data[r])
      ? similarity(dots.data[r], Math.sqrt(gradNorms.data[r]), Math.sqrt(thetaNorms.data[r]), eps)
      : rowSimilarity(c, member, r * columns, columns);
    // Written so that a NaN counts as not invariant.
    invariant &&= cosine < delta / Math.sqrt(columns);
  }
  if (invariant) {
    const along = sums(uTheta, "along");
    for (let r = 0; r < rows; r++) along.data[r] /= squared(Math.sqrt(thetaNorms.data[r]) + eps);
    const across = c.scratch("across", [1, columns]);
    ops.fill(across, 1);
    // k, the same in each column of a row, takes the place of gθ.
    ops.matmul(along, across, gradTheta);
    c.run(away, [], member, [u, gradTheta]);
    return true;
  }
  const thetaNorm = ops.norm(p);
  const cosine = similarity(ops.dot(g, p) * gradScale, ops.norm(g) * Math.abs(gradScale), thetaNorm, eps);
  if (!(cosine < delta / Math.sqrt(p.size))) return false;
  ops.axpy(-ops.dot(u, p) / squared(thetaNorm + eps), p, u);
  return true;
}

/** |cos(g, θ)| of one row in f64, for gradients whose squares overflow f32. */
function rowSimilarity(
  { gradScale, hyper: { eps } }: Context,
  { p, g }: Member,
  from: number,
  columns: number,
): number {
  let [dot, gradSquare, thetaSquare] = [0, 0, 0];
  for (let i = from; i < from + columns; i++) {
    const grad = gradScale * g.data[i];
    const theta = p.data[i];
    dot += grad * theta;
    gradSquare += grad * grad;
    thetaSquare += theta * theta;
  }
  return similarity(dot, Math.sqrt(gradSquare), Math.sqrt(thetaSquare), eps);
}

const squared = (x: number): number => x * x;

/** |cos| of two vectors, from their dot product and norms. As in PyTorch, a norm below ε counts as ε. */
const similarity = (dot: number, a: number, b: number, eps: number): number =>
  Math.abs(dot) / (Math.max(a, eps) * Math.max(b, eps));

/** The tangents of each kind of layer but concat: see {@link Differential} for the names. */
import type { Tensor } from "../../engine/tensor.js";
import type { LayerKind } from "../derivatives.js";
import type { BoundLayer } from "../layer.js";
import type { Differential, Directions, Workspace } from "./differential.js";
import { ratios, seconds } from "./elementwise.js";

type Kind<K extends LayerKind["kind"]> = LayerKind & { kind: K };

/**
 * y = xW + b along (V, c): ẏ = ẋW + xV + c. Backward: t of W is xᵀt + ẋᵀd, that of b the column sums of t;
 * dx = d Wᵀ, tx = t Wᵀ + d Vᵀ.
 */
export function denseDifferential(space: Workspace, { weight, bias }: Kind<"dense">, to: Directions): Differential {
  const { engine } = space;
  const { addRow, addRowSums, fill } = engine.kernels;
  const [inputs, outputs] = weight.shape as [number, number];
  const v = to.v?.[0];
  const c = to.v?.[1];
  const [out, outBias] = to.out;
  return {
    forward(x, y, xDot) {
      const [rows] = x.shape;
      const yDot = space.make(y.shape);
      engine.product(false, false, rows, outputs, inputs, x.ref, v!.ref, yDot.ref, false);
      if (xDot) engine.product(false, false, rows, outputs, inputs, xDot.ref, weight.ref, yDot.ref, true);
      if (c) addRow(rows, outputs, c.ref, yDot.ref);
      return yDot;
    },
    reserve({ shape: [rows] }, _y, _xDot, _both, wanted) {
      engine.reserve(true, false, inputs, outputs, rows, true);
      if (wanted) engine.reserve(false, true, rows, inputs, outputs, true);
    },
    backward(x, _y, xDot, _yDot, d, t, dx, tx) {
      const [rows] = x.shape;
      engine.product(true, false, inputs, outputs, rows, x.ref, t.ref, out.ref, false);
      if (xDot && d) engine.product(true, false, inputs, outputs, rows, xDot.ref, d.ref, out.ref, true);
      if (bias) {
        fill(outBias.place.length, outBias.ref, 0);
        addRowSums(rows, outputs, t.ref, outBias.ref);
      }
      if (!tx) return;
      engine.product(false, true, rows, inputs, outputs, t.ref, weight.ref, tx.ref, false);
      if (!(d && dx)) return;
      engine.product(false, true, rows, inputs, outputs, d.ref, v!.ref, tx.ref, true);
      engine.product(false, true, rows, inputs, outputs, d.ref, weight.ref, dx.ref, false);
    },
  };
}

/**
 * y = f(x): ẏ = f′ẋ, dx = f′d, tx = f′t + f″ẋd. The Jacobian is diagonal, so that the layer's own backward pass
 * multiplies by it all three times; a dropout layer's keeps the mask of its last forward pass.
 */
export function elementwiseDifferential(
  space: Workspace,
  layer: BoundLayer,
  inPlace: boolean,
  { second, a = 0, b = 0 }: Kind<"elementwise">,
): Differential {
  const { copy } = space.engine.kernels;
  const ratio = second === undefined ? undefined : ratios[second];
  const curve = second === undefined ? undefined : seconds[second];
  return {
    forward(x, y, xDot) {
      if (!xDot) return undefined;
      // Where y has overwritten x, no layer before reads the tangent of x any more.
      const yDot = inPlace && x === y ? xDot : space.make(y.shape);
      if (!inPlace) layer.backward(x, y, xDot, yDot);
      else {
        if (yDot !== xDot) copy(y.place.length, xDot.ref, yDot.ref);
        layer.backward(x, y, yDot, undefined);
      }
      return yDot;
    },
    reserve() {},
    backward(x, y, xDot, yDot, d, t, dx, tx) {
      if (!tx) return;
      layer.backward(x, y, t, inPlace ? undefined : tx);
      if (!d) return;
      if (ratio && yDot) addProducts(tx, d, yDot, y, ratio);
      if (curve && xDot) addProducts(tx, d, xDot, x, (v) => curve(v, 0, a, b));
      layer.backward(x, y, d, inPlace ? undefined : dx);
    },
  };
}

/** into += f(x) u v, element by element. */
function addProducts(into: Tensor, u: Tensor, v: Tensor, x: Tensor, f: (x: number) => number): void {
  const { data } = into;
  const [us, vs, xs] = [u.data, v.data, x.data];
  for (let i = 0; i < data.length; i++) data[i] += f(xs[i]) * us[i] * vs[i];
}

/**
 * y = w z + b, z = r (x - mean), r = 1 / √(variance + eps), along (v, c). With P(u) = r (u - mean(u) - z mean(z u)), the
 * symmetric Jacobian of z: ż = P(ẋ), ṙ / r = -r mean(z ẋ), dx = P(w d), and tx = P(w t + v d) + Ṗ(w d), where
 * Ṗ(u) = (ṙ / r) P(u) - r (ż mean(z u) + z mean(ż u)). t of w is the sum over rows of z t + ż d, that of b of t.
 */
export function layerNormDifferential(
  space: Workspace,
  { weight, stats }: Kind<"layerNorm">,
  to: Directions,
): Differential {
  const { size: width } = weight;
  const [v, c]: readonly (Tensor | undefined)[] = to.v ?? [];
  const [out, outBias]: readonly (Tensor | undefined)[] = to.out;
  const z = new Float64Array(width);
  const zDot = new Float64Array(width);
  const u = new Float64Array(width);
  const uDot = new Float64Array(width);

  /** Fills z and ż of a row; returns r and mean(z ẋ). */
  function normalise(r: number, xs: Float32Array, dots: Float32Array | undefined, pairs: Float32Array) {
    const [mean, scale] = [pairs[2 * r], pairs[2 * r + 1]];
    const from = r * width;
    for (let j = 0; j < width; j++) z[j] = (xs[from + j] - mean) * scale;
    if (!dots) {
      zDot.fill(0);
      return { scale, alongZ: 0 };
    }
    for (let j = 0; j < width; j++) zDot[j] = dots[from + j];
    const alongZ = meanProduct(z, zDot);
    project(zDot, z, scale);
    return { scale, alongZ };
  }

  return {
    forward(x, y, xDot) {
      if (!xDot && !v) return undefined;
      const [rows] = x.shape;
      const yDot = space.make(y.shape);
      const into = yDot.data;
      const [xs, dots, ws, pairs] = [x.data, xDot?.data, weight.data, stats(rows).data];
      const [vs, cs] = [v?.data, c?.data];
      for (let r = 0, i = 0; r < rows; r++) {
        normalise(r, xs, dots, pairs);
        for (let j = 0; j < width; j++, i++) into[i] = ws[j] * zDot[j] + (vs && cs ? vs[j] * z[j] + cs[j] : 0);
      }
      return yDot;
    },
    reserve() {},
    backward(x, _y, xDot, _yDot, d, t, dx, tx) {
      const [rows] = x.shape;
      const pairs = stats(rows).data;
      const [xs, dots, ws, vs] = [x.data, xDot?.data, weight.data, v?.data];
      const [ds, ts, dxs, txs] = [d?.data, t.data, dx?.data, tx?.data];
      const sumW = new Float64Array(width);
      const sumB = new Float64Array(width);
      for (let r = 0, from = 0; r < rows; r++, from += width) {
        const { scale, alongZ } = normalise(r, xs, dots, pairs);
        for (let j = 0, i = from; j < width; j++, i++) {
          sumW[j] += z[j] * ts[i] + (ds ? zDot[j] * ds[i] : 0);
          sumB[j] += ts[i];
          u[j] = ds ? ws[j] * ds[i] : 0;
          uDot[j] = ws[j] * ts[i] + (ds && vs ? vs[j] * ds[i] : 0);
        }
        if (!txs) continue;
        const [alongU, crossU] = [meanProduct(z, u), meanProduct(zDot, u)];
        project(u, z, scale);
        project(uDot, z, scale);
        for (let j = 0, i = from; j < width; j++, i++) {
          const turned = ds && dots ? -scale * (alongZ * u[j] + zDot[j] * alongU + z[j] * crossU) : 0;
          txs[i] = uDot[j] + turned;
          if (dxs) dxs[i] = u[j];
        }
      }
      out?.data.set(sumW);
      outBias?.data.set(sumB);
    },
  };
}

/** u = scale (u - mean(u) - z mean(z u)). */
function project(u: Float64Array, z: Float64Array, scale: number): void {
  const along = meanProduct(z, u);
  let sum = 0;
  for (let j = 0; j < u.length; j++) sum += u[j];
  const mean = sum / u.length;
  for (let j = 0; j < u.length; j++) u[j] = scale * (u[j] - mean - z[j] * along);
}

function meanProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum / a.length;
}

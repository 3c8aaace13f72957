import { argumentError, checkKeys, show } from "../check.js";
import { createEngine } from "../engine/create.js";
import { Engine } from "../engine/engine.js";
import type { EngineOptions } from "../engine/select.js";
import { unseal } from "../train/sealedFile.js";
import { decodeModel } from "./modelFile.js";
import { TableModel } from "./tableModel.js";

/** Options of {@link loadModel}: an engine, or how to make one. */
export interface LoadModelOptions extends Pick<EngineOptions, "backend" | "simd" | "threads" | "module"> {
  /** The engine to use, which stays the caller's. Default: a new one, which ends with the model. */
  engine?: Engine;
}

const KEYS = ["engine", "backend", "simd", "threads", "module"];

/**
 * Loads a model with its preparation of columns, scaling and class names: a run that `thalweg train --save` or `trainTable`
 * has saved, or what {@link TableModel.save} returned. On strict SIMD unless `simd` says otherwise, so that every host
 * predicts the same numbers.
 *
 * @throws RangeError or TypeError for bytes that are damaged, of another version, or of weights without columns
 * @example
 * const model = await loadModel(await (await fetch("model.safetensors")).arrayBuffer());
 * model.predict([{ age: 31, city: "Ulm" }]); // [{ label: "yes", probabilities: { no: 0.2, yes: 0.8 } }]
 * model.dispose();
 */
export async function loadModel(bytes: Uint8Array | ArrayBuffer, options: LoadModelOptions = {}): Promise<TableModel> {
  checkKeys("loadModel", options, KEYS);
  const { engine: given, ...how } = options;
  if (given !== undefined && !(given instanceof Engine))
    throw argumentError("engine", `expected an engine, got ${show(given)}`, TypeError);
  const file = unseal(bytes);
  const about = file.metadata.get("model");
  const kind = file.metadata.get("kind");
  if (about === undefined && kind !== "checkpoint") {
    const wanted = 'a model with its columns: a run of "thalweg train", or what save() of a model returned';
    throw argumentError(
      "bytes",
      `expected ${wanted}, got ${kind === "weights" ? "weights alone" : "another program's file"}`,
    );
  }
  // Checked before an engine is made.
  const saved = about === undefined ? (await import("./savedRun.js")).readSavedRun(bytes) : undefined;
  const engine = given ?? (await createEngine({ simd: "strict", ...how }));
  const ownsEngine = given === undefined;
  try {
    if (saved === undefined) return new TableModel({ engine, ownsEngine, ...decodeModel(engine, file, about!) });
    const { settings, schema } = saved;
    const { hidden, activation } = settings;
    const { runForUse } = await import("./runForUse.js"); // takes every optimizer
    return new TableModel({
      engine,
      ownsEngine,
      model: runForUse(engine, saved),
      shape: { hidden, activation },
      schema,
    });
  } catch (error) {
    if (ownsEngine) engine.dispose();
    throw error;
  }
}

import { createEngine } from "../../engine/create.js";
import { unseal } from "../../train/sealedFile.js";
import { decodeModel } from "../modelFile.js";
import { TableModel } from "../tableModel.js";

/** The file of the model in base64, which `thalweg export` defines before the code of a page or module. */
declare const THALWEG_MODEL: string;

/** Loads the model that a page or module carries. On strict SIMD, or the twins where there is none, which have its bits. */
export async function loadCarried(): Promise<TableModel> {
  const file = unseal(Uint8Array.from(atob(THALWEG_MODEL), (letter) => letter.charCodeAt(0)));
  const engine = await createEngine({ simd: "strict" });
  return new TableModel({ engine, ownsEngine: true, ...decodeModel(engine, file, file.metadata.get("model")!) });
}

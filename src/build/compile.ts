import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { assembled, hoistConstants } from "./constants.js";
import { unrolled } from "./unroll.js";

/** Path of the repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Files with loops over every parameter or activation, which unroll.ts writes out, and the most words of a short loop in each. */
const UNROLLED = /assembly\/(optim\/\w+|vector|nn\/activation)\.ts$/;
const short = (path: string): number => (path.endsWith("vector.ts") ? 0 : 12);

/** Compiles `assembly/` for a target of asconfig.json, with constants moved out of loops, to a binary and its text form. */
export async function compile(variant: string): Promise<{ binary: Uint8Array<ArrayBuffer>; text: string }> {
  const files = new Map<string, string | Uint8Array>();
  const { error, stderr } = await asc.main(
    [
      "--config",
      "asconfig.json",
      "--target",
      variant,
      "--outFile",
      "out.wasm",
      "--textFile",
      "out.wat",
      "--baseDir",
      root,
    ],
    {
      readFile: (name: string, folder: string) => {
        const path = resolve(folder, name);
        if (!existsSync(path)) return null;
        const source = readFileSync(path, "utf8");
        return UNROLLED.test(path) ? unrolled(source, short(path)) : source;
      },
      writeFile: (name: string, contents: string | Uint8Array) => void files.set(name, contents),
    },
  );
  if (error) throw new Error(`asc failed on the ${variant} build:\n${stderr.toString()}`);
  const text = hoistConstants(files.get("out.wat") as string);
  return { binary: assembled(text), text };
}

import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

/** The repository. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** One build of `assembly/` by a target of asconfig.json, as a binary and in text form. */
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
    { writeFile: (name: string, contents: string | Uint8Array) => void files.set(name, contents) },
  );
  if (error) throw new Error(`asc failed on the ${variant} build:\n${stderr.toString()}`);
  return { binary: files.get("out.wasm") as Uint8Array<ArrayBuffer>, text: files.get("out.wat") as string };
}

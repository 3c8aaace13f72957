import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { writeFileAtomic } from "../node/atomicWrite.js";
import { moduleOf, pageOf } from "../tabular/exportPage.js";
import { typesOf, typesPath } from "../tabular/exportTypes.js";
import { command, option, parsed, text, UsageError } from "./args.js";
import { helpText } from "./helpText.js";
import { print, printJson } from "./output.js";
import { checkWritable, loadModelFile } from "./savedRun.js";

interface Values {
  html?: string;
  js?: string;
  model?: string;
  json?: true;
}

/** The command with its options. */
export function exportCommand() {
  return command("export", "writes a saved run as a page, a module or a model file", "model.safetensors [options]")
    .addOption(option("--html <file>", "one page with a form, which opens from disk and predicts offline", text))
    .addOption(
      option("--js <file>", "one ES module with predict(rows), for browsers and Node, and its types beside it", text),
    )
    .addOption(option("--model <file>", "the model alone, for loadModel: a run without what resuming takes", text))
    .option("--json", "print one JSON object on one line")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", () =>
      helpText(`
Each file predicts from rows as they are, with the preparation of the columns and the names of the classes inside. Pages
and modules carry their kernels, take nothing from a network, and predict the same numbers on every host.

Examples:
  thalweg export iris.safetensors --html iris.html
  thalweg export iris.safetensors --js iris.mjs`),
    );
}

/** `thalweg export`: writes a saved run as files that predict. */
export async function exportModel(args: string[]): Promise<void> {
  const call = parsed<Values>(exportCommand(), args);
  if (call === undefined) return;
  const [file, ...rest] = call.words;
  if (file === undefined)
    throw new UsageError("expected a saved run, as in: thalweg export model.safetensors --html page.html, got none");
  if (rest.length > 0) throw new UsageError(`expected one saved run, got ${JSON.stringify(rest[0])} as well`);
  const { json = false, ...given } = call.values;
  if (Object.keys(given).length === 0) throw new UsageError("expected --html, --js or --model, got none of them");
  const outputs = given.js === undefined ? given : { ...given, types: typesPath(given.js) };
  const paths = Object.values(outputs).map((path) => resolve(path));
  for (const [i, path] of paths.entries()) {
    if (path !== resolve(file) && paths.indexOf(path) === i) continue;
    throw new UsageError(`expected files that differ from each other and from the saved run, got ${path} twice`);
  }
  using model = await loadModelFile(file, { backend: "js" }); // which starts at once: nothing is predicted here
  const bytes = model.save();
  const title = `${model.target} (${basename(model.source)})`;
  const contents: Record<keyof typeof given | "types", () => Promise<Uint8Array>> = {
    html: async () => utf8(await pageOf(bytes, await code("page"), title)),
    js: async () => utf8(moduleOf(bytes, await code("module"), title)),
    model: async () => bytes,
    types: async () => utf8(typesOf(model)),
  };
  const written: { file: string; bytes: number }[] = [];
  for (const path of Object.values(outputs)) await checkWritable(path);
  for (const [kind, path] of Object.entries(outputs)) {
    const content = await contents[kind as keyof typeof contents]();
    await writeFileAtomic(path, content);
    written.push({ file: path, bytes: content.length });
  }
  const lines = written.map(({ file, bytes }) => `${file}: ${Math.ceil(bytes / 1000).toLocaleString("en-US")} kB`);
  if (json) printJson({ files: written });
  else print(lines);
}

const utf8 = (content: string): Uint8Array => new TextEncoder().encode(content);

/** The code of pages or modules, as the build has bundled it. */
function code(name: "page" | "module"): Promise<string> {
  const dist = import.meta.url.endsWith(".ts") ? "../../dist/" : "../"; // from src/cli, or from dist/cli and dist/bundled
  return readFile(new URL(`${dist}exported/${name}.js`, import.meta.url), "utf8");
}

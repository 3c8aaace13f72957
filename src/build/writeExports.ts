/** `npm run entries`: writes the entries (entries.ts) into package.json. */
import { readFile, writeFile } from "node:fs/promises";
import { exportsField } from "./entries.js";

const path = new URL("../../package.json", import.meta.url);
const manifest = JSON.parse(await readFile(path, "utf8"));
manifest.exports = exportsField();
await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);

// Saves two checkpoints in turns until it is killed. Arguments: the built module that writes, the file, and the two.
import { readFileSync } from "node:fs";

const [entry, path, ...sources] = process.argv.slice(2);
const { writeFileAtomic } = await import(entry);
const checkpoints = sources.map((source) => readFileSync(source));
for (let i = 0; ; i++) {
  await writeFileAtomic(path, checkpoints[i % 2]);
  if (i === 0) process.stdout.write("saving\n");
}

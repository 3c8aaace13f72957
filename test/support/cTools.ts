/** What builds examples/c: a C compiler, make and SIMDe. Brings them where they are missing: a test that skips tests nothing. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const PACKAGES = ["gcc", "make", "libsimde-dev"];

async function present(): Promise<boolean> {
  const compiler = run("sh", [
    "-c",
    'make --version && echo "#include <simde/wasm/simd128.h>" | cc -fsyntax-only -xc -',
  ]);
  return compiler.then(
    () => true,
    () => false,
  );
}

/** @throws where they are missing and cannot be installed */
export async function bringCTools(): Promise<void> {
  if (await present()) return;
  const failure = await run("apt-get", ["update"])
    .then(() => run("apt-get", ["install", "-y", "--no-install-recommends", ...PACKAGES]))
    .then(
      () => "",
      (error: Error) => error.message.split("\n")[0],
    );
  if (!(await present()))
    throw new Error(`examples/c needs ${PACKAGES.join(", ")}, which cannot be installed: ${failure}`);
}

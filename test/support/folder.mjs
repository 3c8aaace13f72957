// A folder for all that the tests write, made before them and removed after the last: processes of tests are ended from
// without, and can clear nothing away.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-"));
  process.env.THALWEG_TEST_FOLDER = folder;
  return () => rmSync(folder, { recursive: true });
}

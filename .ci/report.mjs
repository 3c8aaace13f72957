// What the suites' reports say. `failed FILE` names the files with a failure in them, a line each; `summary FILE...` says
// how many tests passed and which did not, and reads a file's second run, FILE.again, where there is one.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const read = (path) => JSON.parse(readFileSync(path, "utf8")).testResults;

/** The failures of a report: of tests, and of files that failed before or beside their tests. */
function failures(results) {
  return results
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, message, assertionResults }) => {
      const file = relative(".", name);
      const tests = assertionResults.filter((test) => test.status === "failed");
      if (tests.length === 0) return [{ file, test: "the file itself", why: message }];
      return tests.map((test) => ({ file, test: test.fullName, why: test.failureMessages.join("\n") }));
    });
}

function summary(paths) {
  let passed = 0;
  let failed = 0;
  for (const path of paths) {
    if (!existsSync(path)) {
      failed += 1;
      console.log(`no report: the suite ended before its end`);
      continue;
    }
    const first = read(path);
    const again = existsSync(`${path}.again`) ? failures(read(`${path}.again`)) : null;
    for (const { file, test, why } of failures(first)) {
      const twice = again === null || again.some((other) => other.file === file && other.test === test);
      if (twice) failed += 1;
      else passed += 1;
      console.log(`${twice ? "FAILED" : "passed alone, failed among others"}: ${file} > ${test}`);
      console.log(why.split("\n").slice(0, 12).join("\n").slice(0, 1500));
    }
    for (const { assertionResults } of first) {
      passed += assertionResults.filter((test) => test.status === "passed").length;
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
}

const [command, ...paths] = process.argv.slice(2);
if (command === "failed")
  for (const file of new Set(failures(read(paths[0])).map((failure) => failure.file))) console.log(file);
if (command === "summary") summary(paths);

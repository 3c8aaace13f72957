// Runs the built command time after time in this one process, as its file runs it, for the words that come as JSON, and prints
// what each run wrote and the exit code that it left. Arguments: the command's file, the name it is called by, and a list of lists of words.
const [file, name, lists] = process.argv.slice(2);
const print = process.stdout.write.bind(process.stdout);
const streams = ["stdout", "stderr"];
for (const name of streams) process[name].setMaxListeners(0); // the file listens anew each time

const runs = [];
for (const [i, words] of JSON.parse(lists).entries()) {
  const run = { status: 0, stdout: "", stderr: "" };
  for (const name of streams)
    process[name].write = (chunk) => {
      run[name] += chunk;
      return true;
    };
  process.argv = [process.argv[0], name, ...words];
  process.exitCode = 0;
  await import(`${file}?${i}`);
  run.status = process.exitCode;
  runs.push(run);
}
process.exitCode = 0;
print(JSON.stringify(runs));

/** The sources of the pages that rows bundle or serve: they train, and report to where their address says. */

const TELL = `const to = new URL(location.href).searchParams.get("to");
const tell = (found) => fetch(to, { method: "POST", mode: "no-cors", body: JSON.stringify(found) });
const fail = (error) => tell({ error: (error?.message ?? error) + " " + (error?.stack ?? "") });
`;

/** A page that trains by itself, with these engine options. */
export const page = (options = "{}", training = "./training.js"): string =>
  `import { train } from "${training}";\n${TELL}train(${options}).then(tell, fail);\n`;

/** A script, where there are no modules, that takes the library from the global that it is. */
export const tellScript = TELL;

/** A page that trains in a worker, as every bundler recognises it. */
export const workerPage = `${TELL}const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => tell(data);
worker.onerror = fail;
`;

export const worker = (options = "{}"): string => `import { train } from "./training.js";
train(${options}).then(
  (found) => postMessage(found),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
`;

/** Tells of errors before the page's own script runs. */
export const ERRORS = `${TELL}addEventListener("error", (event) => fail(event.error ?? event.message ?? "a script did not load"), true);
addEventListener("unhandledrejection", (event) => fail(event.reason));
`;

/** An HTML file for a script. */
export const html = (script: string, type = "module", head = ""): string =>
  `<!doctype html>\n<meta charset="utf-8">\n<title></title>\n${head}\n<body></body>\n<script${type && ` type="${type}"`} src="${script}"></script>\n`;

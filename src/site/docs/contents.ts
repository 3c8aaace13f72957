/** The pages of the documentation in the order of its navigation; what they link to beside these is found by the links. */

/** Files of the repository, by the group they stand in. */
export const CONTENTS: Readonly<Record<string, readonly string[]>> = {
  Start: ["README.md", "docs/training.md", "docs/tables.md", "docs/model-file.md", "examples/README.md"],
  Optimizers: [
    "docs/optimizers.md",
    "docs/explain.md",
    "docs/own-optimizer.md",
    "docs/extremes.md",
    "docs/digits.md",
    "docs/family-trees.md",
  ],
  "Losses and surfaces": ["docs/landscapes.md", "docs/curvature.md", "docs/minimize.md"],
  "In your program": [
    "docs/engines.md",
    "docs/embedding.md",
    "docs/other-libraries.md",
    "docs/sweep.md",
    "docs/scale.md",
  ],
  Inside: [
    "docs/performance.md",
    "docs/architecture.md",
    "docs/glossary.md",
    "docs/kernel-scalars.md",
    "docs/abi.md",
    "examples/c/README.md",
    "src/site/README.md",
  ],
  Project: ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
};

/** Where the page of a file stands in the folder of the documentation: "docs/tables.md" at "tables.html". */
export function addressOf(file: string): string {
  if (file === "README.md") return "index.html";
  if (/^docs\/[^/]+\.(png|svg)$/.test(file)) return file.replace("docs/", "pictures/");
  if (!file.endsWith(".md")) return `source/${file}.html`;
  return file
    .replace(/^docs\//, "")
    .replace(/README\.md$/, "index.html")
    .replace(/^[A-Z]+\.md$/, (name) => name.toLowerCase())
    .replace(/\.md$/, ".html");
}

/** The address of a file of the documentation as a page of it names it. */
export function relativeTo(page: string, to: string): string {
  const from = page.split("/").slice(0, -1);
  const parts = to.split("/");
  let same = 0;
  while (same < from.length && same < parts.length - 1 && from[same] === parts[same]) same++;
  return [...from.slice(same).map(() => ".."), ...parts.slice(same)].join("/");
}

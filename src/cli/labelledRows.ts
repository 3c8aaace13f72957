/** A label, which may be empty, and what stands beside it. */
export type Row = readonly [label: string, text: string];

/** Rows as lines of text, the texts under one another. Those wider than `columns` go on under their beginning. */
export function labelled(rows: readonly Row[], columns = Number.POSITIVE_INFINITY): string[] {
  const indent = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows.map(([label, text]) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const full = indent + lines.at(-1)!.length + word.length > columns;
      if (full && lines.at(-1) !== "") lines.push("");
      lines[lines.length - 1] += `${word} `;
    }
    return label.padEnd(indent) + lines.map((line) => line.trimEnd()).join(`\n${" ".repeat(indent)}`);
  });
}

/** Texts on a terminal: how wide they are, where they break, and that a table's columns stay one below the other. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { columned } from "../../src/cli/columns.js";
import { helpText } from "../../src/cli/helpText.js";
import { labelled } from "../../src/cli/labelledRows.js";
import { printError } from "../../src/cli/output.js";
import { progressOf } from "../../src/cli/progress.js";
import { clipped, movesCursor, width, wrapped } from "../../src/cli/terminal.js";

// By Unicode Standard Annex #11, East Asian Width (wide and full-width: 2), and UTS #51 for emoji.
it.each<[string, number]>([
  ["", 0],
  ["rose", 4],
  ["Möller", 6],
  ["Mo\u0308ller", 6],
  ["漢字", 4],
  ["ひらがな", 8],
  ["ハンバーガー", 12],
  ["ﾊﾝﾊﾞｰｶﾞｰ", 8],
  ["한글", 4],
  ["ＡＢＣ", 6],
  ["全角、", 6],
  ["🌷", 2],
  ["👩‍👩‍👧", 2],
  ["👍🏽", 2],
  ["🇩🇪", 2],
  ["❤️", 2],
  ["1️⃣", 2],
  ["©", 1],
  ["√v̂ + ε", 6],
  ["עברית", 5],
  ["a\u200bb", 2],
])("%s is so many columns wide", (text, columns) => {
  expect(width(text)).toBe(columns);
});

it("clips between characters, to no more than the columns", () => {
  expect(clipped("rose", 4)).toBe("rose");
  expect(clipped("roses", 4)).toBe("ros…");
  expect(clipped("漢字漢字", 6)).toBe("漢字…");
  expect(clipped("👩‍👩‍👧👩‍👩‍👧", 3)).toBe("👩‍👩‍👧…");
});

it("wraps between words, and leaves a longer word whole", () => {
  expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapped("one two three", 9, "  ")).toEqual(["one two", "  three"]);
  expect(wrapped("a /a/long/path b", 5)).toEqual(["a", "/a/long/path", "b"]);
  expect(wrapped("漢字 漢字 漢字", 9)).toEqual(["漢字 漢字", "漢字"]);
  expect(wrapped("a\nb\x1b[2J", 80)).toEqual(["a\\u000ab\\u001b[2J"]);
});

it("keeps columns one below the other, whatever they hold", () => {
  const rows = [
    ["薔薇", "12", "a rose in three words"],
    ["👩‍👩‍👧", "3", "x"],
    ["tulip", "4", "two\nlines"],
  ];
  const lines = columned(["name", "n", "text"], rows, { right: [1], within: 24 });
  expect(lines).toEqual([
    "name    n  text",
    "─────  ──  ─────────────",
    "薔薇   12  a rose in",
    "           three words",
    "👩‍👩‍👧      3  x",
    "tulip   4  two\\u000alines",
  ]);
  expect(
    labelled(
      [
        ["幅", "one two"],
        ["ab", "x"],
      ],
      10,
    ),
  ).toEqual(["幅  one", "    two", "ab  x"]);
});

it("help is wrapped, and its calls can be pasted", () => {
  const text = helpText(
    `Some words ${"of a paragraph ".repeat(9)}\nover lines.\n\nExamples:\n  thalweg symmetry --seeds 20   counts\n` +
      `  thalweg train digits.csv --target 64 --test unseen.csv --hidden 128 --dropout 0.3 \\\n    --epochs 60`,
  );
  const lines = text.split("\n");
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(lines).toContain("  thalweg symmetry --seeds 20   # counts");
  expect(lines.slice(-2)).toEqual([
    "  thalweg train digits.csv --target 64 --test unseen.csv --hidden 128 \\",
    "      --dropout 0.3 --epochs 60",
  ]);
});

it("an error is one line, which a terminal has wrapped, with the call to paste whole", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const { isTTY, columns } = process.stderr;
  const call = "npx thalweg train flowers.csv --resume run.safetensors --test a-long-name.csv --threads 2";
  const message = `thalweg train: interrupted after step 9; saved to run.safetensors; resume with: ${call}`;
  try {
    process.stderr.isTTY = false;
    printError(message);
    process.stderr.isTTY = true;
    process.stderr.columns = 60;
    printError(message);
    expect(write.mock.calls.map(([text]) => text)).toEqual([
      `${message}\n`,
      `thalweg train: interrupted after step 9; saved to\n  run.safetensors; resume with:\n  ${call}\n`,
    ]);
  } finally {
    write.mockRestore();
    Object.assign(process.stderr, { isTTY, columns });
  }
});

describe("a bar that is drawn over itself", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it("needs a terminal that moves its cursor", () => {
    vi.stubEnv("TERM", "xterm");
    vi.stubEnv("NO_COLOR", "");
    expect([movesCursor({ isTTY: true }), movesCursor({ isTTY: false }), movesCursor({})]).toEqual([
      true,
      false,
      false,
    ]);
    vi.stubEnv("NO_COLOR", "1");
    expect(movesCursor({ isTTY: true })).toBe(false);
    vi.stubEnv("NO_COLOR", "");
    vi.stubEnv("TERM", "dumb");
    expect(movesCursor({ isTTY: true })).toBe(false);
  });

  it.each([
    ["TERM", "dumb"],
    ["NO_COLOR", "1"],
  ])("is lines with %s=%s", (name, value) => {
    vi.stubEnv("TERM", "xterm");
    vi.stubEnv(name, value);
    let written = "";
    const streams = [process.stdout, process.stderr] as const;
    const before = streams.map(({ isTTY }) => isTTY);
    for (const stream of streams) stream.isTTY = true;
    const writes = streams.map((stream) =>
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        written += chunk;
        return true;
      }),
    );
    try {
      const progress = progressOf(2, false, { validation: false });
      progress.step({ step: 1, steps: 2, epoch: 1, loss: 1, speed: 9 });
      progress.epoch({ epoch: 1, loss: 0.5, speed: 90 });
      progress.stop();
    } finally {
      for (const write of writes) write.mockRestore();
      for (const [i, stream] of streams.entries()) stream.isTTY = before[i];
    }
    expect(written).toBe("epoch 1/2  loss 0.5000     90 samples/s\n");
  });

  it.each([
    [3, [1, 2, 3]],
    [40, Array.from({ length: 40 }, (_, i) => i + 1)],
    [150_000, [1, ...Array.from({ length: 20 }, (_, i) => (i + 1) * 7500)]],
    [150_001, [1, ...Array.from({ length: 19 }, (_, i) => (i + 1) * 7501), 150_001]],
  ])("of %i epochs some twenty at the most have a line where all would be too many", (epochs, expected) => {
    let written = "";
    const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      written += chunk;
      return true;
    });
    try {
      const progress = progressOf(epochs, false, { validation: false });
      for (let epoch = 1; epoch <= epochs; epoch++) progress.epoch({ epoch, loss: 0.5, speed: 90 });
      progress.stop();
    } finally {
      write.mockRestore();
    }
    expect([...written.matchAll(/^epoch +(\d+)/gm)].map(([, epoch]) => Number(epoch))).toEqual(expected);
  });
});

/** The tables that come with the station. */
import { QUESTIONS } from "../../../../experiments/familyTrees/questions.js";

export interface Table {
  readonly file: string;
  readonly table: string;
}

/** Pixels across a digit, and down. */
export const DIGIT = 8;

/** 1,797 handwritten digits of 8 × 8 pixels (UCI, Alpaydin & Kaynak 1998): the last column is the digit. */
const digits = async (): Promise<Table> => {
  const answer = await fetch(new URL("../../../../../test/data/digits/test.csv", import.meta.url));
  if (!answer.ok) throw new Error(`digits.csv: expected the file from the server, got ${answer.status}`);
  return { file: "digits.csv", table: await answer.text() };
};

/** Two families: who is what to whom (Hinton 1986), a row for each answer. */
export const treesTable = (): Table => ({
  file: "families.csv",
  table: [
    "person,relationship,answer",
    ...QUESTIONS.flatMap(({ person, relationship, answers }) =>
      answers.map(({ name }) => `${person.name},${relationship},${name}`),
    ),
    "",
  ].join("\n"),
});

export const SETS = {
  digits: { label: "Digits", target: "64", load: digits },
  trees: { label: "Family trees", target: "answer", load: async () => treesTable() },
} as const;

import { describe, expect, it } from "vitest";
import { answered, encoded } from "../../src/experiments/familyTrees/network.js";
import { PEOPLE } from "../../src/experiments/familyTrees/people.js";
import { GROUPS } from "../../src/experiments/familyTrees/picture.js";
import { QUESTIONS, type Question, RELATIONSHIPS } from "../../src/experiments/familyTrees/questions.js";

const named = (name: string) => PEOPLE.find((one) => one.name === name)!;
const answersTo = (person: string, relationship: string): string[] =>
  (QUESTIONS.find((one) => one.person.name === person && one.relationship === relationship)?.answers ?? [])
    .map(({ name }) => name)
    .sort();

/** The Italian who stands where an English person stands: the paper's "=" and places, typed apart from the sources. */
const SAME = {
  Christopher: "Roberto",
  Penelope: "Maria",
  Andrew: "Pierro",
  Christine: "Francesca",
  Margaret: "Gina",
  Arthur: "Emilio",
  Victoria: "Lucia",
  James: "Marco",
  Jennifer: "Angela",
  Charles: "Tomaso",
  Colin: "Alfonso",
  Charlotte: "Sophia",
} as Record<string, string>;

describe("the two families", () => {
  it("have 24 people, 12 relationships, 104 questions and 112 triples, 96 questions with one answer and 8 with two", () => {
    expect(PEOPLE).toHaveLength(24);
    expect(new Set(PEOPLE.map(({ name }) => name)).size).toBe(24);
    expect(RELATIONSHIPS).toHaveLength(12);
    const counts = QUESTIONS.map(({ answers }) => answers.length);
    expect(counts).toHaveLength(104);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(112);
    expect(counts.filter((count) => count === 1)).toHaveLength(96);
    expect(counts.filter((count) => count === 2)).toHaveLength(8);
  });

  it("ask each question once, and answer it with people who differ from the one that is asked about", () => {
    expect(new Set(QUESTIONS.map(({ person, relationship }) => `${person.name} ${relationship}`)).size).toBe(104);
    for (const { person, answers } of QUESTIONS) {
      expect(new Set(answers).size).toBe(answers.length);
      expect(answers).not.toContain(person);
      for (const answer of answers) expect(answer.nationality).toBe(person.nationality);
    }
  });

  it.each([
    ["Colin", "aunt", ["Jennifer", "Margaret"]], // the example of the paper
    ["Charlotte", "uncle", ["Arthur", "Charles"]],
    ["Colin", "sister", ["Charlotte"]],
    ["Colin", "father", ["James"]],
    ["Colin", "mother", ["Victoria"]],
    ["Victoria", "father", ["Christopher"]],
    ["Victoria", "brother", ["Arthur"]],
    ["Victoria", "husband", ["James"]],
    ["Jennifer", "husband", ["Charles"]],
    ["Margaret", "husband", ["Arthur"]],
    ["Margaret", "nephew", ["Colin"]],
    ["Charles", "niece", ["Charlotte"]],
    ["Charles", "sister", []],
    ["Christine", "son", ["James"]],
    ["Andrew", "daughter", ["Jennifer"]],
    ["Victoria", "nephew", []],
    ["Christopher", "father", []],
  ])("%s's %s: %s", (person, relationship, answers) => {
    expect(answersTo(person, relationship)).toEqual(answers);
    const italians = answers.map((name) => SAME[name]).sort();
    expect(answersTo(SAME[person], relationship)).toEqual(italians);
  });

  it("are isomorphic: each English answer is the Italian one in the same place", () => {
    const english = QUESTIONS.filter(({ person }) => person.nationality === "English");
    expect(english).toHaveLength(52);
    for (const { person, relationship, answers } of english) {
      const italians = answers.map(({ name }) => SAME[name]).sort();
      expect(answersTo(SAME[person.name], relationship), `${person.name} ${relationship}`).toEqual(italians);
    }
    for (const one of PEOPLE.filter(({ nationality }) => nationality === "English")) {
      const { generation, branch, male } = named(SAME[one.name]);
      expect({ generation, branch, male }).toEqual({ generation: one.generation, branch: one.branch, male: one.male });
    }
  });

  it("agree with themselves: who is somebody's wife has him for a husband, and so on", () => {
    const inverses: [string, string, string][] = [
      ["husband", "wife", "wife"],
      ["father", "son", "daughter"],
      ["mother", "son", "daughter"],
      ["brother", "brother", "sister"],
      ["sister", "brother", "sister"],
      ["uncle", "nephew", "niece"],
      ["aunt", "nephew", "niece"],
    ];
    for (const [relationship, ofMan, ofWoman] of inverses)
      for (const { person, answers } of QUESTIONS.filter((one) => one.relationship === relationship))
        for (const { name } of answers) expect(answersTo(name, person.male ? ofMan : ofWoman)).toContain(person.name);
  });

  it("have three generations of 4, 6 and 2, and branches that meet in the grandchildren", () => {
    const of = (generation: string) => PEOPLE.filter((one) => one.generation === generation).map(({ name }) => name);
    expect(of("grandparents")).toHaveLength(8);
    expect(of("parents")).toHaveLength(12);
    expect(of("children").sort()).toEqual(["Alfonso", "Charlotte", "Colin", "Sophia"]);
    const branch = (name: string) => PEOPLE.filter((one) => one.branch === name && one.nationality === "English");
    expect(
      branch("left")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["Arthur", "Christopher", "Margaret", "Penelope", "Victoria"]);
    expect(
      branch("right")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["Andrew", "Charles", "Christine", "James", "Jennifer"]);
    expect(
      branch("both")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["Charlotte", "Colin"]);
    expect(GROUPS.flatMap(({ pairs }) => pairs.map(([one, italian]) => SAME[one.name] === italian.name))).toEqual(
      Array(12).fill(true),
    );
  });
});

describe("an answer", () => {
  const one = QUESTIONS.find(({ answers }) => answers.length === 1) as Question;
  const two = QUESTIONS.find(({ answers }) => answers.length === 2) as Question;
  const outputs = (question: Question, own: number[], others: number) => {
    const values = Array<number>(24).fill(others);
    for (const [i, answer] of question.answers.entries()) values[PEOPLE.indexOf(answer)] = own[i];
    return values;
  };
  it.each([
    [one, [0.5], 0.4, true],
    [one, [0.4], 0.5, false],
    [one, [0.5], 0.5, false], // nobody is strongest
    [two, [0.5, 0.9], 0.4, true],
    [two, [0.3, 0.9], 0.4, false],
    [one, [Number.NaN], 0.4, false],
    [two, [Number.NaN, 0.9], 0.4, false],
    [one, [0.5], Number.NaN, false],
  ])("is right if its people are the strongest (%#)", (question, own, others, right) => {
    expect(answered(question, outputs(question, own, others))).toBe(right);
  });

  it("is encoded as one person, one relationship, and shares of 1", () => {
    const { x, shares } = encoded([two]);
    expect([...x].flatMap((value, i) => (value === 0 ? [] : [[i, value]]))).toEqual([
      [PEOPLE.indexOf(two.person), 1],
      [24 + RELATIONSHIPS.indexOf(two.relationship), 1],
    ]);
    expect([...shares].filter((value) => value !== 0)).toEqual([0.5, 0.5]);
    for (const answer of two.answers) expect(shares[PEOPLE.indexOf(answer)]).toBe(0.5);
  });
});

import type { Job, Json, Outcome } from "../trial.js";
import { isSigned, signature } from "./signature.js";

/** What a trial is of: a table by its name and hash, or a module by its hash; a worker has the module on its own disk. */
export type Work = { table: string; content: string } | { module: true; content: string };

/** A job as it goes through the queue. */
export interface Message {
  /** That of the coordinator's package: another may have other defaults. */
  version: string;
  /** The sweep's hash. */
  sweep: string;
  work: Work;
  job: Job;
  signature: string;
}

/** An outcome as it comes back. */
export interface Answer {
  outcome: Outcome;
  signature: string;
}

/** Trials of tables go to any worker, those of a module to workers that have it. */
export const queueOf = (work: Work): string =>
  "table" in work ? "thalweg-tables" : `thalweg-module-${work.content.slice(0, 16)}`;

/** The id of a job in the queue: a second start of a sweep finds those of the first. */
export const idOf = (sweep: string, job: Job): string => `${sweep.slice(0, 16)}-${job.id}`;

const body = ({ version, sweep, work, job }: Omit<Message, "signature">): Json =>
  ({ version, sweep, work, job }) as unknown as Json;

export const signed = (key: string, message: Omit<Message, "signature">): Message => ({
  ...message,
  signature: signature(key, body(message)),
});

/** Whether a message has the form of one, and a coordinator with the key has signed it. */
export function isMessage(key: string, message: unknown): message is Message {
  if (typeof message !== "object" || message === null) return false;
  return isSigned(key, body(message as Message), (message as Message).signature);
}

/** An outcome belongs to one job: that of another cannot take its place. */
const answerBody = (id: string, outcome: Outcome): Json => ({ id, outcome }) as unknown as Json;

export const answer = (key: string, id: string, outcome: Outcome): Answer => ({
  outcome,
  signature: signature(key, answerBody(id, outcome)),
});

export function isAnswer(key: string, id: string, given: unknown): given is Answer {
  if (typeof given !== "object" || given === null) return false;
  const { outcome, signature } = given as Answer;
  return isSigned(key, answerBody(id, outcome), signature);
}

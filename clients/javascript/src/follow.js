// Following the feed of events.

import { monotonic, sleep } from "./connection.js";
import { Problem, ServiceUnreachable, UnexpectedAnswer } from "./errors.js";
import { readRecord } from "./reading.js";

const FIRST_PAUSE_SECONDS = 0.25;
const LONGEST_PAUSE_SECONDS = 30;

/**
 * See Client.events.
 * @param {import("./connection.js").Connection} connection
 * @param {{ after?: string, wait?: number, limit?: number, giveUpAfter?: number }} [from]
 * @returns {AsyncGenerator<import("./records.js").Event, void>}
 */
export async function* follow(connection, { after, wait = 30, limit = 100, giveUpAfter = Infinity } = {}) {
  let failingSince = null;
  let pause = FIRST_PAUSE_SECONDS;
  for (;;) {
    const askedAt = monotonic();
    let answer, events;
    try {
      const query = { limit: String(limit), wait: String(wait), after };
      answer = await connection.call("GET", ["Events"], { query, triesAgain: false, moreSeconds: wait });
      if (!Array.isArray(answer.document?.Event)) throw new UnexpectedAnswer("the answer holds no list of Event");
      events = answer.document.Event.map((/** @type {any} */ event) => readRecord("Event", event));
    } catch (error) {
      failingSince ??= askedAt;
      if (!passes(error) || monotonic() - failingSince + pause > giveUpAfter) throw error;
      await sleep(Math.max(pause, (error instanceof Problem && error.retryAfter) || 0));
      pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS);
      continue;
    }
    failingSince = null;
    pause = FIRST_PAUSE_SECONDS;
    for (const event of events) {
      yield event;
      after = event.id;
    }
    if (events.length) continue;
    if (after === "latest" && answer.document.Next) {
      after = new URL(answer.document.Next).searchParams.get("after") ?? after; // what "latest" stands for
    }
    if (!wait) return;
    // An answer that came at once says when to ask again, and is not asked for in a rush.
    await sleep(Math.max(answer.retryAfter ?? 0, Math.min(1, wait) - (monotonic() - askedAt)));
  }
}

/** Whether it may be over by itself: silence, the service's own trouble, a proxy's page. @param {unknown} error */
function passes(error) {
  if (error instanceof Problem) return error.status >= 500 || error.status === 429;
  return error instanceof ServiceUnreachable || error instanceof UnexpectedAnswer;
}

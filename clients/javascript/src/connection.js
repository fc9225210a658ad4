// Requests and their answers: the key, time-outs, and what is tried again.
//
// Tried again, until `deadlineSeconds` are over: what got no answer, 503, 504 and 429 (after as long as Retry-After says), a 502
// that no provider's refusal explains, and a 409 that says that the first try is still running. A POST goes out under an
// Idempotency-Key, the same for each try, so that none of it is ever done twice.

import { randomUUID } from "node:crypto";
import { NotFound, Problem, problemOf, ServiceUnreachable, UnexpectedAnswer, VersionConflict } from "./errors.js";

const FIRST_PAUSE_SECONDS = 0.25;
const LONGEST_PAUSE_SECONDS = 8;
const VERSION = "0.1.0";

/**
 * @typedef {object} Options
 * @property {number} [answerSeconds] how long one try waits for its answer; 15 if left out
 * @property {number} [deadlineSeconds] how long a call goes on trying, at most; 60 if left out
 * @property {boolean} [strict] have the service refuse what it would repair
 * @property {(notice: string) => void} [onNotice] is told what the service repaired in what was sent
 * @property {typeof fetch} [fetch] another one than the global
 */

/**
 * @typedef {object} Call
 * @property {Record<string, string | undefined>} [query]
 * @property {any} [body] becomes JSON
 * @property {Record<string, string | undefined>} [headers]
 * @property {string} [idempotencyKey]
 * @property {boolean} [triesAgain]
 * @property {number} [moreSeconds] how long the service was asked to hold its answer
 */

/** @typedef {{ status: number, headers: Headers, document: any, etag: string, retryAfter: number | undefined }} Answer */

/** A name for one intent: send it again with the request when its answer got lost. */
export function newIdempotencyKey() {
  return randomUUID();
}

/** @param {number} seconds */
export const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, Math.max(0, seconds) * 1000));

/** Seconds on a clock that nobody sets. */
export const monotonic = () => performance.now() / 1000;

export class Connection {
  #key;
  #fetch;

  /** @param {string} address @param {string} apiKey @param {Options} [options] */
  constructor(address, apiKey, { answerSeconds = 15, deadlineSeconds = 60, strict = false, onNotice, fetch: other } = {}) {
    if (!/^https?:\/\//.test(address)) {
      throw new TypeError(`${address} is no address: it begins with https://, or http:// on a machine of your own`);
    }
    this.address = address.replace(/\/+$/, "");
    this.answerSeconds = answerSeconds;
    this.deadlineSeconds = deadlineSeconds;
    this.strict = strict;
    this.onNotice = onNotice;
    this.#key = apiKey;
    this.#fetch = other ?? globalThis.fetch;
  }

  /**
   * One request, tried again as this file says.
   * @param {string} verb @param {string[]} path @param {Call} [call]
   * @returns {Promise<Answer>}
   */
  async call(verb, path, { query, body, headers = {}, idempotencyKey, triesAgain = true, moreSeconds = 0 } = {}) {
    const key = verb === "POST" ? (idempotencyKey ?? newIdempotencyKey()) : undefined;
    const until = monotonic() + this.deadlineSeconds + moreSeconds;
    const sent = { ...headers, "Idempotency-Key": key };
    const text = body === undefined ? undefined : JSON.stringify(body);
    let lost = false;
    for (let pause = FIRST_PAUSE_SECONDS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS)) {
      /** @type {Problem | ServiceUnreachable} */
      let failure;
      try {
        const seconds = Math.min(this.answerSeconds + moreSeconds, Math.max(0.1, until - monotonic()));
        return await this.#once(verb, this.#url(path, query), sent, text, seconds);
      } catch (error) {
        if (error instanceof ServiceUnreachable) {
          error.idempotencyKey = key;
          lost = true;
        } else if (error instanceof NotFound && verb === "DELETE" && lost) {
          // An earlier try has deleted it, and its answer got lost.
          return { status: 204, headers: new Headers(), document: null, etag: "", retryAfter: undefined };
        } else if (!(error instanceof Problem) || !isPassing(error)) {
          if (error instanceof VersionConflict) error.afterLostAnswer = lost;
          throw error;
        }
        failure = error;
      }
      const wanted = failure instanceof Problem ? (failure.retryAfter ?? 0) : 0;
      const length = Math.max(wanted, pause * (0.5 + Math.random() / 2)); // so that not all come back at once
      if (!triesAgain || monotonic() + length >= until) throw failure;
      await sleep(length);
    }
  }

  /** @param {string[]} path @param {Record<string, string | undefined>} [query] */
  #url(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(/** @type {[string, string][]} */ (given)).toString();
    return `${this.address}/api/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
  }

  /**
   * @param {string} verb @param {string} url @param {Record<string, string | undefined>} given
   * @param {string | undefined} body @param {number} seconds
   * @returns {Promise<Answer>}
   */
  async #once(verb, url, given, body, seconds) {
    const headers = new Headers({ Accept: "application/json", "User-Agent": `whipround-javascript/${VERSION}` });
    headers.set("Authorization", `Bearer ${this.#key}`);
    if (this.strict) headers.set("Prefer", "handling=strict");
    if (body !== undefined) headers.set("Content-Type", "application/json");
    for (const [name, value] of Object.entries(given)) if (value !== undefined) headers.set(name, value);
    let answer, text;
    try {
      const signal = AbortSignal.timeout(Math.ceil(seconds * 1000));
      answer = await this.#fetch(url, { method: verb, headers, body, signal, redirect: "manual" });
      text = await answer.text();
    } catch (error) {
      // Neither what went wrong nor where may name the key; fetch's own errors do not.
      const cause = error instanceof Error ? error : undefined;
      throw new ServiceUnreachable(`${this.address} did not answer (${cause?.name ?? "unknown"})`, { cause });
    }
    const notice = answer.headers.get("Notice");
    if (notice !== null && this.onNotice) this.onNotice(notice);
    const retryAfter = retryAfterOf(answer.headers);
    const etag = answer.headers.get("ETag") ?? "";
    if (answer.status === 204 || answer.status === 304) {
      return { status: answer.status, headers: answer.headers, document: null, etag, retryAfter };
    }
    const document = parsed(text);
    if (answer.ok) {
      if (document === undefined) throw new UnexpectedAnswer("the answer is not the JSON that was asked for");
      return { status: answer.status, headers: answer.headers, document, etag, retryAfter };
    }
    const more = { retryAfter, idempotencyKey: given["Idempotency-Key"] };
    if (document?.code) throw problemOf(answer.status, document, more);
    if ([429, 502, 503, 504].includes(answer.status)) {
      // A proxy in front, while the service starts.
      throw problemOf(503, { code: "", detail: `${this.address} answered ${answer.status}` }, more);
    }
    throw new UnexpectedAnswer(`${this.address} answered ${answer.status} with something else than a problem document`);
  }
}

/** @param {Headers} headers @returns {number | undefined} seconds, from a number of them or a date */
export function retryAfterOf(headers) {
  const given = (headers.get("Retry-After") ?? "").trim();
  if (/^\d+$/.test(given)) return Number(given);
  const moment = Date.parse(given);
  return Number.isNaN(moment) ? undefined : Math.max(0, (moment - Date.now()) / 1000);
}

/** @param {Problem} problem */
function isPassing(problem) {
  return [429, 503, 504].includes(problem.status) || problem.code === "idempotency_key_in_use";
}

/** @param {string} text @returns {any} undefined where it is no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

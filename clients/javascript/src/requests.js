// What the client's methods share: records out of answers, and lists page by page.

import { Connection } from "./connection.js";
import { UnexpectedAnswer } from "./errors.js";
import { readRecord } from "./reading.js";

/** @typedef {import("./connection.js").Options} Options */
/** @typedef {import("./connection.js").Answer} Answer */
/** @typedef {{ idempotencyKey?: string }} Once a name of yours for this one intent; the same call with it is done once */

/** The base of the client. */
export class Requests {
  /** @param {string} address where the service is, without /api @param {string} apiKey @param {Options} [options] */
  constructor(address, apiKey, options) {
    this.connection = new Connection(address, apiKey, options);
  }

  /** @protected @param {string} name @param {string[]} path @returns {Promise<any>} */
  async _get(name, path) {
    return one(name, await this.connection.call("GET", path));
  }

  /** @protected @param {string} name @param {string[]} path @param {any} [body] @param {Once} [once] @returns {Promise<any>} */
  async _post(name, path, body, { idempotencyKey } = {}) {
    return one(name, await this.connection.call("POST", path, { body, idempotencyKey }));
  }

  /**
   * @protected
   * @param {string} name @param {string[]} path @param {Record<string, string | undefined>} filters @param {number} limit
   * @returns {AsyncGenerator<any, void>}
   */
  async *_pages(name, path, filters, limit) {
    /** @type {Record<string, string | undefined>} */
    let query = { ...filters, limit: String(limit) };
    for (;;) {
      const { document } = await this.connection.call("GET", path, { query });
      if (!Array.isArray(document?.[name])) throw new UnexpectedAnswer(`the answer holds no list of ${name}`);
      for (const found of document[name]) yield readRecord(name, found);
      if (!document.Next) return;
      // Its arguments only: the key goes nowhere but to the address that it is for.
      query = Object.fromEntries(new URL(document.Next).searchParams);
    }
  }

  /** @protected @param {string[]} path @param {any} body @returns {Promise<string[]>} */
  async _validate(path, body) {
    const { headers } = await this.connection.call("POST", path, { query: { ValidateOnly: "1" }, body });
    const notices = headers.get("Notice");
    return notices === null ? [] : [notices];
  }
}

/** @param {string} name @param {Answer} answer @returns {any} */
export function one(name, answer) {
  return readRecord(name, answer.document, answer.etag);
}

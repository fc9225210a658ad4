// What others bring: webhooks, and givers who come back. Neither is believed before its signature is.

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { UnexpectedAnswer, VerificationFailed } from "./errors.js";
import { readRecord } from "./reading.js";

/** @typedef {{ toleranceSeconds?: number, now?: number }} Tolerance `now`: Unix seconds, for tests */
/** @typedef {{ contributionId: string, status: string, time: number }} Bounce */

const TOLERANCE_SECONDS = 300;

/**
 * The event in a webhook (Standard Webhooks), once it is known to be genuine. Throws VerificationFailed.
 *
 * Keep the event's `id`: one whose answer got lost comes again under the same.
 * @param {string | string[]} secrets `whsec_...`, or several while you rotate
 * @param {Headers | Record<string, string | string[] | undefined>} headers under any spelling of their names
 * @param {string | Uint8Array} body the bytes as they came
 * @param {Tolerance} [tolerance]
 * @returns {import("./records.js").Event}
 */
export function verifyWebhook(secrets, headers, body, { toleranceSeconds = TOLERANCE_SECONDS, now } = {}) {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const found = new Map(entries.map(([name, value]) => [name.toLowerCase(), String(value ?? "")]));
  const id = found.get("webhook-id") ?? "";
  const sentAt = found.get("webhook-timestamp") ?? "";
  checkTime(sentAt, toleranceSeconds, now);
  const bytes = Buffer.from(body);
  const signed = Buffer.concat([Buffer.from(`${id}.${sentAt}.`), bytes]);
  const theirs = (found.get("webhook-signature") ?? "").split(" ").filter((one) => one.startsWith("v1,"));
  // Each with each, so that the time it takes tells nothing of which one fitted.
  const fits = several(secrets).flatMap((secret) => {
    const ours = `v1,${createHmac("sha256", webhookKey(secret)).update(signed).digest("base64")}`;
    return theirs.map((one) => isSame(ours, one));
  });
  if (!fits.includes(true)) throw new VerificationFailed("the signature of the webhook fits none of the secrets");
  return eventOf(id, bytes.toString("utf8"));
}

/**
 * What a giver's address says, once it is known to be the service's word. Throws VerificationFailed. The signature holds for
 * the moment: ask the service how the gift stands later on.
 * @param {string | string[]} secrets
 * @param {string} address what the browser asked for, or its query string
 * @param {Tolerance} [tolerance]
 * @returns {Bounce}
 */
export function verifyBounce(secrets, address, { toleranceSeconds = TOLERANCE_SECONDS, now } = {}) {
  const start = address.indexOf("?");
  const query = new URLSearchParams(address.slice(start + 1).split("#")[0]);
  const [id, status, time, signature] = ["Id", "Status", "Time", "Signature"].map((name) => {
    const values = query.getAll(name);
    if (values.length !== 1) {
      throw new VerificationFailed(`the address holds ${name} ${values.length} times; a signed one holds it once`);
    }
    return values[0];
  });
  checkTime(time, toleranceSeconds, now);
  const fits = several(secrets).map((secret) =>
    isSame(createHmac("sha256", secret).update(`${id}.${status}.${time}`).digest("base64url"), signature),
  );
  if (!fits.includes(true)) throw new VerificationFailed("the signature of the address fits none of the secrets");
  return { contributionId: id, status, time: Number(time) };
}

/** @param {string | string[]} secrets */
function several(secrets) {
  const many = Array.isArray(secrets) ? secrets : [secrets];
  if (many.length === 0 || many.some((one) => !one)) throw new TypeError("there is no secret to verify with, or an empty one");
  return many;
}

/** @param {string} secret */
function webhookKey(secret) {
  const text = secret.replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new TypeError("a webhook secret is whsec_ and base64");
  return Buffer.from(text, "base64");
}

/** @param {string} ours @param {string} theirs */
function isSame(ours, theirs) {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @param {string} sentAt @param {number} tolerance @param {number} [now] */
function checkTime(sentAt, tolerance, now = Date.now() / 1000) {
  if (!/^\d{1,12}$/.test(sentAt)) throw new VerificationFailed("there is no time in it");
  if (Math.abs(now - Number(sentAt)) > tolerance) throw new VerificationFailed("it is too old, or the clocks differ");
}

/** @param {string} id @param {string} text */
function eventOf(id, text) {
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    throw new UnexpectedAnswer("the webhook is genuine, but not JSON: set the endpoint's Format to JSON");
  }
  const owner = String(told?.type).startsWith("goal.") ? "SavingGoal" : "Contribution";
  const data = told?.data && Object.keys(told.data).length ? { [owner]: told.data } : {};
  return readRecord("Event", { Id: id, Type: told?.type, Date: told?.timestamp, ...data });
}

// What can go wrong, each as a class of its own.

import { readRecord } from "./reading.js";

/** Everything that this package throws on purpose. */
export class WhiproundError extends Error {
  /** @param {string} message @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * No answer within the time allowed. What was sent may have been done all the same: send the same again with its
 * `idempotencyKey`, now or tomorrow, and it is done once.
 */
export class ServiceUnreachable extends WhiproundError {
  /** @type {string | undefined} what a POST was sent under */
  idempotencyKey = undefined;
}

/** An answer that Whipround does not give: a proxy's page, or another service at this address. */
export class UnexpectedAnswer extends WhiproundError {}

/** A webhook or a bounce is not genuine, or is too old; the message says which. Do not believe what it says. */
export class VerificationFailed extends WhiproundError {}

/**
 * @typedef {object} Fault One thing that is wrong with a body.
 * @property {string} path where, such as `Contribution/Amount`
 * @property {string} sentence what would be right
 * @property {number} [line]
 */

/** The service said no (RFC 9457). `code` is for programs, `detail` for people, `faults` say what is wrong with a body. */
export class Problem extends WhiproundError {
  /**
   * @param {number} status
   * @param {Record<string, any>} document the problem document as it came
   * @param {{ retryAfter?: number, idempotencyKey?: string }} [more]
   */
  constructor(status, document, { retryAfter, idempotencyKey } = {}) {
    const code = String(document.code ?? "");
    super(`${status} ${code}: ${document.detail ?? ""}`);
    this.status = status;
    this.code = code;
    this.detail = String(document.detail ?? "");
    this.title = String(document.title ?? "");
    this.type = String(document.type ?? "");
    this.document = document;
    /** After how many seconds the same may be tried again, where the service says so. */
    this.retryAfter = retryAfter;
    /** What a POST was sent under. A request that is refused does not use it up. */
    this.idempotencyKey = idempotencyKey;
    /** @type {Fault[]} */
    this.faults = (Array.isArray(document.errors) ? document.errors : []).map((one) => ({
      path: String(one.path ?? ""),
      sentence: String(one.detail ?? ""),
      ...(one.line === undefined ? {} : { line: Number(one.line) }),
    }));
  }

  /** What is wrong: a sentence for each fault, else what stands in `detail`. */
  get sentences() {
    return this.faults.length ? this.faults.map((fault) => fault.sentence) : [this.detail];
  }
}

/** 400, 405, 406, 413, 414, 415, 422, 431: the request has to be mended. */
export class BadRequest extends Problem {}
/** 401: the key is missing, unknown, revoked or expired. */
export class Unauthorized extends Problem {}
/** 403: the record is another partner's, or the key may not do this. */
export class Forbidden extends Problem {}
/** 404: there never was such a record, or it is deleted. */
export class NotFound extends Problem {}
/** 409: not as things stand; `code` says why. */
export class Conflict extends Problem {}

/** 409, 412, 428: the record is not at the version that the change names. */
export class VersionConflict extends Conflict {
  /** The answer to an earlier try got lost: it may be this very change that moved the version on. */
  afterLostAnswer = false;

  /** @returns {number | null} the version that the record is at now */
  get currentVersion() {
    const given = this.document.RecordVersionNumber;
    return given === undefined ? null : Number(given);
  }

  /**
   * @returns {string[] | null} the elements that the change would alter in the record as it is now, where the service tells
   *   them; none of them: the record has all of it already
   */
  get differs() {
    return this.document.Differs ?? null;
  }

  /** @returns {Record<string, any> | null} the record as it is now, where the service tells it */
  get current() {
    for (const name of ["SavingGoal", "Contribution", "PaymentAccount", "WebhookEndpoint", "RedirectSecret"]) {
      if (this.document[name]) return readRecord(name, this.document[name]);
    }
    return null;
  }
}

/** 429: the same request after `retryAfter` seconds. */
export class TooManyRequests extends Problem {}

/** 502: the payment provider said no, and a gift is recorded as Failed. What helps depends on `reason`; `detail` says it. */
export class ProviderRefused extends Problem {
  /** @returns {string | null} the gift that was recorded */
  get contributionId() {
    return this.document.Id ?? null;
  }

  /** @returns {string | null} the provider's reason, a short code such as `payee_cannot_receive` */
  get reason() {
    return this.document.StatusReason ?? this.document.StateReason ?? null;
  }
}

/** 500, 503: the service could not, or its provider was silent. The same can be tried again later. */
export class ServiceFailed extends Problem {}

/** @type {Record<number, typeof Problem>} */
const BY_STATUS = {
  401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 412: VersionConflict, 428: VersionConflict,
  429: TooManyRequests, 502: ProviderRefused,
};

/**
 * The error for a problem document.
 * @param {number} status @param {Record<string, any>} document
 * @param {{ retryAfter?: number, idempotencyKey?: string }} more
 */
export function problemOf(status, document, more) {
  let kind = BY_STATUS[status] ?? (status < 500 ? BadRequest : ServiceFailed);
  if (status === 409 && String(document.code).startsWith("stale_")) kind = VersionConflict;
  return new kind(status, document, more);
}

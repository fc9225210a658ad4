// The client: a method for each thing that can be done.

import { Connection, monotonic, sleep } from "./connection.js";
import { UnexpectedAnswer } from "./errors.js";
import { follow } from "./follow.js";
import { readRecord, written, writtenRecord } from "./reading.js";

/** @typedef {import("./records.js").SavingGoal} SavingGoal */
/** @typedef {import("./records.js").Contribution} Contribution */
/** @typedef {import("./records.js").Refund} Refund */
/** @typedef {import("./records.js").Change} Change */
/** @typedef {import("./records.js").PaymentAccount} PaymentAccount */
/** @typedef {import("./records.js").Event} Event */
/** @typedef {import("./records.js").Deliveries} Deliveries */
/** @typedef {import("./records.js").WebhookEndpoint} WebhookEndpoint */
/** @typedef {import("./records.js").RedirectSecret} RedirectSecret */
/** @typedef {import("./connection.js").Options} Options */
/** @typedef {import("./connection.js").Answer} Answer */
/** @typedef {string | number | bigint} Amount a decimal text, or a whole number */

/** @typedef {{ providerName: string, credentials?: string, paymentAccountId?: string }} NewPaymentProvider */
/**
 * @typedef {object} GoalElements
 * @property {string} [externalItemId] @property {string} [name] @property {Amount} [goalAmount]
 * @property {NewPaymentProvider[]} [paymentProviders] @property {Amount} [startingAmount] @property {string} [currency]
 * @property {string | null} [endDate] @property {string} [capturePolicy] @property {string | null} [confirmationUrl]
 * @property {string | null} [cancelUrl] @property {string} [overfunding] @property {Amount | null} [minimumAmount]
 * @property {Amount | null} [maximumAmount] @property {Amount[]} [suggestedAmounts] @property {string | null} [description]
 * @property {string | null} [imageUrl] @property {Record<string, string>} [metadata]
 */
/** @typedef {GoalElements & Required<Pick<GoalElements, "externalItemId" | "name" | "goalAmount" | "paymentProviders">>} NewGoal */
/**
 * @typedef {object} NewContribution
 * @property {Amount} amount @property {string} contributor @property {string} [message] @property {string} [providerName]
 * @property {string} [reference] @property {string} [memo] @property {boolean} [anonymous] @property {string} [confirmationUrl]
 * @property {string} [cancelUrl] @property {string} [language] @property {Record<string, string>} [metadata]
 */
/** @typedef {{ idempotencyKey?: string }} Once a name of yours for this one intent; the same call with it is done once */

const LONGEST_HOLD_SECONDS = 30;

/** Speaks for one partner. Every method may throw Problem, ServiceUnreachable and UnexpectedAnswer. */
export class Client {
  /** @param {string} address where the service is, without /api @param {string} apiKey @param {Options} [options] */
  constructor(address, apiKey, options) {
    this.connection = new Connection(address, apiKey, options);
  }

  // --- Goals

  /** A new goal. @param {NewGoal} goal @param {Once} [once] @returns {Promise<SavingGoal>} */
  createGoal(goal, once) {
    return this.#post("SavingGoal", ["savings"], written("SavingGoal", goal), once);
  }

  /** With the newest 50 of its contributions. @param {string} id @returns {Promise<SavingGoal>} */
  getGoal(id) {
    return this.#get("SavingGoal", ["SavingGoal", id]);
  }

  /** Null where nothing in it has changed, its contributions included. @param {SavingGoal} known @returns {Promise<SavingGoal | null>} */
  async getGoalIfChanged(known) {
    const answer = await this.connection.call("GET", ["SavingGoal", known.id], { headers: { "If-None-Match": known.etag } });
    return answer.status === 304 ? null : one("SavingGoal", answer);
  }

  /**
   * Newest first, page by page as you go.
   * @param {{ externalItemId?: string, id?: string, state?: string, limit?: number }} [filter]
   * @returns {AsyncGenerator<SavingGoal, void>}
   */
  listGoals({ externalItemId, id, state, limit = 50 } = {}) {
    return this.#pages("SavingGoal", ["savings"], { ExternalItemId: externalItemId, Id: id, State: state }, limit);
  }

  /**
   * Make the goal what it is here: `replaceGoal({ ...goal, name: "..." })`. This is PUT; throws VersionConflict where it has
   * changed since it was read.
   * @param {SavingGoal} goal @returns {Promise<SavingGoal>}
   */
  async replaceGoal(goal) {
    const body = { ...writtenRecord("SavingGoal", goal), RecordVersionNumber: goal.version };
    return one("SavingGoal", await this.connection.call("PUT", ["SavingGoal", goal.id], { body }));
  }

  /**
   * Change what is named; null takes an element away. This is PATCH; throws VersionConflict.
   * @param {string} id @param {number} version @param {GoalElements} changes @returns {Promise<SavingGoal>}
   */
  async updateGoal(id, version, changes) {
    const body = { ...written("SavingGoal", changes), RecordVersionNumber: version };
    return one("SavingGoal", await this.connection.call("PATCH", ["SavingGoal", id], { body }));
  }

  /** With `etag` only where nothing has changed. @param {string} id @param {{ etag?: string }} [condition] */
  async deleteGoal(id, { etag } = {}) {
    await this.connection.call("DELETE", ["SavingGoal", id], { headers: { "If-Match": etag } });
  }

  /** No new gifts; checkouts that are open go on. @param {string} id @param {Once} [once] @returns {Promise<SavingGoal>} */
  closeGoal(id, once) {
    return this.#post("SavingGoal", ["SavingGoal", id, "Close"], undefined, once);
  }

  /** Gifts again. @param {string} id @param {Once} [once] @returns {Promise<SavingGoal>} */
  reopenGoal(id, once) {
    return this.#post("SavingGoal", ["SavingGoal", id, "Reopen"], undefined, once);
  }

  /** What createGoal would say: the notices. Nothing is stored; throws the faults. @param {NewGoal} goal @returns {Promise<string[]>} */
  validateGoal(goal) {
    return this.#validate(["savings"], written("SavingGoal", goal));
  }

  // --- Contributions

  /**
   * A new gift: send the giver's browser to its `providerUrl` next.
   * @param {string} goalId @param {NewContribution} gift @param {Once} [once] @returns {Promise<Contribution>}
   */
  createContribution(goalId, gift, once) {
    return this.#post("Contribution", ["SavingGoal", goalId, "Contributions"], written("Contribution", gift), once);
  }

  /** @param {string} id @returns {Promise<Contribution>} */
  getContribution(id) {
    return this.#get("Contribution", ["Contribution", id]);
  }

  /**
   * The gift as soon as it is not as `known` has it; null where nothing has changed after so many seconds.
   * @param {Contribution} known @param {number} [seconds] @returns {Promise<Contribution | null>}
   */
  async waitForContribution(known, seconds = LONGEST_HOLD_SECONDS) {
    const until = monotonic() + seconds;
    for (;;) {
      const hold = Math.max(0, Math.min(LONGEST_HOLD_SECONDS, Math.round(until - monotonic())));
      const answer = await this.connection.call("GET", ["Contribution", known.id], {
        query: { wait: hold ? String(hold) : undefined },
        headers: { "If-None-Match": known.etag || undefined },
        moreSeconds: hold,
      });
      if (answer.status !== 304) return one("Contribution", answer);
      const left = until - monotonic();
      if (left < 0.5) return null;
      // No room to hold the answer: it came at once, and says when to ask again.
      await sleep(Math.min(left, hold ? (answer.retryAfter ?? 0) : 1));
    }
  }

  /**
   * A goal's gifts, newest first, page by page as you go.
   * @param {string} goalId @param {{ status?: string, limit?: number }} [filter] @returns {AsyncGenerator<Contribution, void>}
   */
  listContributions(goalId, { status, limit = 50 } = {}) {
    return this.#pages("Contribution", ["SavingGoal", goalId, "Contributions"], { Status: status }, limit);
  }

  /**
   * Across your goals. Filters by their names on the wire: Status, Reference, ExternalItemId, ProviderName, From, To ...
   * @param {Record<string, string>} [filters] @param {number} [limit] @returns {AsyncGenerator<Contribution, void>}
   */
  listAllContributions(filters = {}, limit = 50) {
    return this.#pages("Contribution", ["Contributions"], filters, limit);
  }

  /** Cancel what is Submitted, let go what is Authorized. @param {string} id @param {{ etag?: string }} [condition] */
  async deleteContribution(id, { etag } = {}) {
    await this.connection.call("DELETE", ["Contribution", id], { headers: { "If-Match": etag } });
  }

  /** Take what is held. Look at the status afterwards. @param {string} id @param {Once} [once] @returns {Promise<Contribution>} */
  capture(id, once) {
    return this.#post("Contribution", ["Contribution", id, "Capture"], undefined, once);
  }

  /** Have the provider asked now; at most once in ten seconds. @param {string} id @returns {Promise<Contribution>} */
  check(id) {
    return this.#post("Contribution", ["Contribution", id, "Check"]);
  }

  /**
   * Give back so much, or all that is left.
   * @param {string} id @param {{ amount?: Amount, reason?: string }} [refund] @param {Once} [once] @returns {Promise<Refund>}
   */
  refund(id, refund = {}, once) {
    return this.#post("Refund", ["Contribution", id, "Refunds"], written("Refund", refund), once);
  }

  /** A gift's refunds, newest first. @param {string} id @param {{ limit?: number }} [page] @returns {AsyncGenerator<Refund, void>} */
  listRefunds(id, { limit = 50 } = {}) {
    return this.#pages("Refund", ["Contribution", id, "Refunds"], {}, limit);
  }

  /** Across your goals. @param {Record<string, string>} [filters] @param {number} [limit] @returns {AsyncGenerator<Refund, void>} */
  listAllRefunds(filters = {}, limit = 50) {
    return this.#pages("Refund", ["Refunds"], filters, limit);
  }

  /** Each version of a gift: when, what status, why. @param {string} id @returns {Promise<Change[]>} */
  async getHistory(id) {
    const { document } = await this.connection.call("GET", ["Contribution", id, "History"]);
    return (document.Change ?? []).map((/** @type {any} */ change) => readRecord("Change", change));
  }

  /**
   * What createContribution would say: the notices. Nothing is stored; throws the faults.
   * @param {string} goalId @param {NewContribution} gift @returns {Promise<string[]>}
   */
  validateContribution(goalId, gift) {
    return this.#validate(["SavingGoal", goalId, "Contributions"], written("Contribution", gift));
  }

  // --- Payment accounts

  /**
   * A payee. Without credentials they are to be onboarded by link.
   * @param {{ providerName: string, credentials?: string }} account @param {Once} [once] @returns {Promise<PaymentAccount>}
   */
  createPaymentAccount(account, once) {
    return this.#post("PaymentAccount", ["PaymentAccounts"], written("PaymentAccount", account), once);
  }

  /** @param {string} id @returns {Promise<PaymentAccount>} */
  getPaymentAccount(id) {
    return this.#get("PaymentAccount", ["PaymentAccount", id]);
  }

  /** Newest first. @param {{ limit?: number }} [page] @returns {AsyncGenerator<PaymentAccount, void>} */
  listPaymentAccounts({ limit = 50 } = {}) {
    return this.#pages("PaymentAccount", ["PaymentAccounts"], {}, limit);
  }

  /**
   * New credentials hold for all goals that name the account. Throws VersionConflict.
   * @param {string} id @param {number} version @param {{ credentials?: string }} changes @returns {Promise<PaymentAccount>}
   */
  async updatePaymentAccount(id, version, changes) {
    const body = { ...written("PaymentAccount", changes), RecordVersionNumber: version };
    return one("PaymentAccount", await this.connection.call("PATCH", ["PaymentAccount", id], { body }));
  }

  /** Throws Conflict while a goal names it. @param {string} id */
  async deletePaymentAccount(id) {
    await this.connection.call("DELETE", ["PaymentAccount", id]);
  }

  /** A fresh `onboardingUrl`: send the payee there at once, and nobody else. @param {string} id @returns {Promise<PaymentAccount>} */
  onboard(id) {
    return this.#post("PaymentAccount", ["PaymentAccount", id, "Onboarding"]);
  }

  /** Have the provider asked how the payee stands. @param {string} id @returns {Promise<PaymentAccount>} */
  checkPaymentAccount(id) {
    return this.#post("PaymentAccount", ["PaymentAccount", id, "Check"]);
  }

  // --- Events

  /**
   * Each event after the one with this Id, oldest first, and then each new one as it happens, without end. Store the Id of an
   * event once you have dealt with it; undefined begins with the first of all, "latest" with the next.
   *
   * With `wait: 0` it ends where there is nothing more for now. It goes on through restarts and outages of the service, with
   * pauses of half a minute at most, unless `giveUpAfter` says how many seconds of failure are enough.
   * @param {{ after?: string, wait?: number, limit?: number, giveUpAfter?: number }} [from] @returns {AsyncGenerator<Event, void>}
   */
  events(from) {
    return follow(this.connection, from);
  }

  /** What became of the delivery of an event, try by try. @param {string} id @returns {Promise<Deliveries>} */
  getDeliveries(id) {
    return this.#get("Deliveries", ["Events", id, "Deliveries"]);
  }

  /** The events that were given up: your webhook has missed them. @returns {AsyncGenerator<Event, void>} */
  listUndelivered() {
    return this.#pages("Event", ["Events"], { Delivery: "GivenUp" }, 100);
  }

  /** Send it once more. @param {string} id @returns {Promise<Event>} */
  redeliver(id) {
    return this.#post("Event", ["Events", id, "Redeliver"]);
  }

  // --- Webhooks

  /** Throws NotFound where there is none. @returns {Promise<WebhookEndpoint>} */
  getWebhookEndpoint() {
    return this.#get("WebhookEndpoint", ["WebhookEndpoint"]);
  }

  /**
   * Make one, or change the one there is at this version. Keep the `secret`: it is in the answer that made it, only.
   * @param {{ url: string, eventTypes?: string[], format?: "JSON" | "XML" }} endpoint @param {number} [version]
   * @returns {Promise<WebhookEndpoint>}
   */
  async setWebhookEndpoint(endpoint, version) {
    const body = { ...written("WebhookEndpoint", endpoint), RecordVersionNumber: version };
    return one("WebhookEndpoint", await this.connection.call("PUT", ["WebhookEndpoint"], { body }));
  }

  /** Nothing is sent any more. */
  async deleteWebhookEndpoint() {
    await this.connection.call("DELETE", ["WebhookEndpoint"]);
  }

  /** A new secret. Where it is missing the answer got lost: call again. @param {Once} [once] @returns {Promise<WebhookEndpoint>} */
  rotateWebhookSecret(once) {
    return this.#post("WebhookEndpoint", ["WebhookEndpoint", "Rotate"], undefined, once);
  }

  /** Have an event sent that tells of nothing. @returns {Promise<Event>} */
  testWebhook() {
    return this.#post("Event", ["WebhookEndpoint", "Test"]);
  }

  /** All of them, where you have several. @returns {AsyncGenerator<WebhookEndpoint, void>} */
  listWebhookEndpoints() {
    return this.#pages("WebhookEndpoint", ["WebhookEndpoints"], {}, 50);
  }

  /**
   * One more. Keep the `secret`.
   * @param {{ url: string, eventTypes?: string[], format?: "JSON" | "XML" }} endpoint @param {Once} [once]
   * @returns {Promise<WebhookEndpoint>}
   */
  createWebhookEndpoint(endpoint, once) {
    return this.#post("WebhookEndpoint", ["WebhookEndpoints"], written("WebhookEndpoint", endpoint), once);
  }

  /** One of several. @param {string} id */
  async removeWebhookEndpoint(id) {
    await this.connection.call("DELETE", ["WebhookEndpoints", id]);
  }

  /** Have the addresses that givers come back to signed. Keep the `secret`. @param {Once} [once] @returns {Promise<RedirectSecret>} */
  createRedirectSecret(once) {
    return this.#post("RedirectSecret", ["RedirectSecret"], undefined, once);
  }

  /** @param {Once} [once] @returns {Promise<RedirectSecret>} */
  rotateRedirectSecret(once) {
    return this.#post("RedirectSecret", ["RedirectSecret", "Rotate"], undefined, once);
  }

  /** Unsigned again. */
  async deleteRedirectSecret() {
    await this.connection.call("DELETE", ["RedirectSecret"]);
  }

  // --- On the wire

  /** @param {string} name @param {string[]} path @returns {Promise<any>} */
  async #get(name, path) {
    return one(name, await this.connection.call("GET", path));
  }

  /** @param {string} name @param {string[]} path @param {any} [body] @param {Once} [once] @returns {Promise<any>} */
  async #post(name, path, body, { idempotencyKey } = {}) {
    return one(name, await this.connection.call("POST", path, { body, idempotencyKey }));
  }

  /**
   * @param {string} name @param {string[]} path @param {Record<string, string | undefined>} filters @param {number} limit
   * @returns {AsyncGenerator<any, void>}
   */
  async *#pages(name, path, filters, limit) {
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

  /** @param {string[]} path @param {any} body @returns {Promise<string[]>} */
  async #validate(path, body) {
    const { headers } = await this.connection.call("POST", path, { query: { ValidateOnly: "1" }, body });
    const notices = headers.get("Notice");
    return notices === null ? [] : [notices];
  }
}

/** @param {string} name @param {Answer} answer @returns {any} */
function one(name, answer) {
  return readRecord(name, answer.document, answer.etag);
}

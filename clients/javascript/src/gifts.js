// Goals, and the gifts towards them.

import { monotonic, sleep } from "./connection.js";
import { readRecord, written, writtenRecord } from "./reading.js";
import { one, Requests } from "./requests.js";

/** @typedef {import("./records.js").SavingGoal} SavingGoal */
/** @typedef {import("./records.js").Contribution} Contribution */
/** @typedef {import("./records.js").Refund} Refund */
/** @typedef {import("./records.js").Change} Change */
/** @typedef {import("./requests.js").Once} Once */
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
 * @property {string} [giverId] @property {boolean} [usePermission] @property {string} [pin] where the giver has one
 */

const LONGEST_HOLD_SECONDS = 30;

/** What can be done with goals and gifts. */
export class Gifts extends Requests {
  // --- Goals

  /** A new goal. @param {NewGoal} goal @param {Once} [once] @returns {Promise<SavingGoal>} */
  createGoal(goal, once) {
    return this._post("SavingGoal", ["savings"], written("SavingGoal", goal), once);
  }

  /** With the newest 50 of its contributions. @param {string} id @returns {Promise<SavingGoal>} */
  getGoal(id) {
    return this._get("SavingGoal", ["SavingGoal", id]);
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
    return this._pages("SavingGoal", ["savings"], { ExternalItemId: externalItemId, Id: id, State: state }, limit);
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
    return this._post("SavingGoal", ["SavingGoal", id, "Close"], undefined, once);
  }

  /** Gifts again. @param {string} id @param {Once} [once] @returns {Promise<SavingGoal>} */
  reopenGoal(id, once) {
    return this._post("SavingGoal", ["SavingGoal", id, "Reopen"], undefined, once);
  }

  /** What createGoal would say: the notices. Nothing is stored; throws the faults. @param {NewGoal} goal @returns {Promise<string[]>} */
  validateGoal(goal) {
    return this._validate(["savings"], written("SavingGoal", goal));
  }

  // --- Contributions

  /**
   * A new gift: send the giver's browser to its `providerUrl` next. With `usePermission` it is paid at once where a permission covers
   * it; it is Submitted where none does, and `onNotice` is told why.
   * @param {string} goalId @param {NewContribution} gift @param {Once} [once] @returns {Promise<Contribution>}
   */
  createContribution(goalId, gift, once) {
    return this._post("Contribution", ["SavingGoal", goalId, "Contributions"], written("Contribution", gift), once);
  }

  /** @param {string} id @returns {Promise<Contribution>} */
  getContribution(id) {
    return this._get("Contribution", ["Contribution", id]);
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
    return this._pages("Contribution", ["SavingGoal", goalId, "Contributions"], { Status: status }, limit);
  }

  /**
   * Across your goals. Filters by their names on the wire: Status, Reference, ExternalItemId, ProviderName, From, To ...
   * @param {Record<string, string>} [filters] @param {number} [limit] @returns {AsyncGenerator<Contribution, void>}
   */
  listAllContributions(filters = {}, limit = 50) {
    return this._pages("Contribution", ["Contributions"], filters, limit);
  }

  /** Cancel what is Submitted, let go what is Authorized. @param {string} id @param {{ etag?: string }} [condition] */
  async deleteContribution(id, { etag } = {}) {
    await this.connection.call("DELETE", ["Contribution", id], { headers: { "If-Match": etag } });
  }

  /** Take what is held. Look at the status afterwards. @param {string} id @param {Once} [once] @returns {Promise<Contribution>} */
  capture(id, once) {
    return this._post("Contribution", ["Contribution", id, "Capture"], undefined, once);
  }

  /** Have the provider asked now; at most once in ten seconds. @param {string} id @returns {Promise<Contribution>} */
  check(id) {
    return this._post("Contribution", ["Contribution", id, "Check"]);
  }

  /**
   * Give back so much, or all that is left.
   * @param {string} id @param {{ amount?: Amount, reason?: string }} [refund] @param {Once} [once] @returns {Promise<Refund>}
   */
  refund(id, refund = {}, once) {
    return this._post("Refund", ["Contribution", id, "Refunds"], written("Refund", refund), once);
  }

  /** A gift's refunds, newest first. @param {string} id @param {{ limit?: number }} [page] @returns {AsyncGenerator<Refund, void>} */
  listRefunds(id, { limit = 50 } = {}) {
    return this._pages("Refund", ["Contribution", id, "Refunds"], {}, limit);
  }

  /** Across your goals. @param {Record<string, string>} [filters] @param {number} [limit] @returns {AsyncGenerator<Refund, void>} */
  listAllRefunds(filters = {}, limit = 50) {
    return this._pages("Refund", ["Refunds"], filters, limit);
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
    return this._validate(["SavingGoal", goalId, "Contributions"], written("Contribution", gift));
  }
}

// Givers whom you know again and what they have agreed to, pledges, gift certificates and matchers.

import { Gifts } from "./gifts.js";
import { written } from "./reading.js";
import { one } from "./requests.js";

/** @typedef {import("./records.js").Giver} Giver */
/** @typedef {import("./records.js").Permission} Permission */
/** @typedef {import("./records.js").Pledge} Pledge */
/** @typedef {import("./records.js").GiftCertificate} GiftCertificate */
/** @typedef {import("./records.js").Matcher} Matcher */
/** @typedef {import("./records.js").Refund} Refund */
/** @typedef {import("./requests.js").Once} Once */
/** @typedef {import("./gifts.js").Amount} Amount */

/**
 * @typedef {object} NewPermission
 * @property {string} providerName @property {string} currency @property {Amount} maximumAmount @property {Amount} [maximumTotal]
 * @property {string} [endDate] @property {string} [confirmationUrl] @property {string} [cancelUrl]
 */
/**
 * @typedef {object} NewPledge
 * @property {string} giverId @property {Amount} amount @property {"Week" | "Month"} every @property {string} [permissionId]
 * @property {string} [startDate] @property {string} [endDate] @property {string} [timeZone] @property {string} [contributor]
 * @property {string} [message] @property {boolean} [anonymous] @property {string} [reference]
 * @property {string} [pin] where the giver has one
 */
/**
 * @typedef {object} NewGiftCertificate
 * @property {Amount} amount @property {string} currency @property {string} paymentAccountId @property {string} recipientName
 * @property {string} [message] @property {string} [expiresDate] @property {string} [contributor] @property {string} [reference]
 * @property {string} [confirmationUrl] @property {string} [cancelUrl]
 */

/** What can be done with givers, and by those who are known again. */
export class Giving extends Gifts {
  // --- Givers

  /**
   * `externalId` is your own id of them; throws Conflict where another giver of yours has it.
   * @param {{ externalId: string, name?: string, email?: string }} giver @param {Once} [once] @returns {Promise<Giver>}
   */
  createGiver(giver, once) {
    return this._post("Giver", ["Givers"], written("Giver", giver), once);
  }

  /** @param {string} id @returns {Promise<Giver>} */
  getGiver(id) {
    return this._get("Giver", ["Giver", id]);
  }

  /** The giver with this id of yours; null where there is none. @param {string} externalId @returns {Promise<Giver | null>} */
  async findGiver(externalId) {
    for await (const giver of this.listGivers({ externalId, limit: 1 })) return giver;
    return null;
  }

  /** Newest first. @param {{ externalId?: string, limit?: number }} [filter] @returns {AsyncGenerator<Giver, void>} */
  listGivers({ externalId, limit = 50 } = {}) {
    return this._pages("Giver", ["Givers"], { ExternalId: externalId }, limit);
  }

  /**
   * Change what is named; null takes `name` or `email` away. Throws VersionConflict.
   * @param {string} id @param {number} version
   * @param {{ externalId?: string, name?: string | null, email?: string | null }} changes @returns {Promise<Giver>}
   */
  async updateGiver(id, version, changes) {
    const body = { ...written("Giver", changes), RecordVersionNumber: version };
    return one("Giver", await this.connection.call("PATCH", ["Giver", id], { body }));
  }

  /** Erase the person: the permissions are over, what names them is replaced. The amounts stay. @param {string} id */
  async eraseGiver(id) {
    await this.connection.call("DELETE", ["Giver", id]);
  }

  /** Another `giverUrl`; the one before is over. @param {string} id @param {Once} [once] @returns {Promise<Giver>} */
  rotateGiverPage(id, once) {
    return this._post("Giver", ["Giver", id, "Rotate"], undefined, once);
  }

  /**
   * A PIN of 4 to 8 digits. Where one is set already, `old` is that one: throws Forbidden where it is not, and Problem with status
   * 423 where too many wrong ones have locked it.
   * @param {string} id @param {string} pin @param {{ old?: string } & Once} [how]
   */
  async setPin(id, pin, { old, idempotencyKey } = {}) {
    await this.connection.call("POST", ["Giver", id, "Pin"], { body: { Pin: pin, Verify: old }, idempotencyKey });
  }

  /**
   * Throws Forbidden where this is not the giver's PIN, and Problem with status 423 where it is locked.
   * @param {string} id @param {string} pin @param {Once} [once]
   */
  async verifyPin(id, pin, { idempotencyKey } = {}) {
    await this.connection.call("POST", ["Giver", id, "Pin"], { body: { Verify: pin }, idempotencyKey });
  }

  /** For a giver who has forgotten it, and whom you know otherwise. Its lock goes with it. @param {string} id */
  async removePin(id) {
    await this.connection.call("DELETE", ["Giver", id, "Pin"]);
  }

  // --- Permissions

  /**
   * Ask the giver to agree: send their browser to its `permissionUrl` next. It is Requested until they have.
   * @param {string} giverId @param {NewPermission} permission @param {Once} [once] @returns {Promise<Permission>}
   */
  askPermission(giverId, permission, once) {
    return this._post("Permission", ["Giver", giverId, "Permissions"], written("Permission", permission), once);
  }

  /** @param {string} id @returns {Promise<Permission>} */
  getPermission(id) {
    return this._get("Permission", ["Permission", id]);
  }

  /** A giver's, newest first. @param {string} giverId @param {{ limit?: number }} [page] @returns {AsyncGenerator<Permission, void>} */
  listPermissions(giverId, { limit = 50 } = {}) {
    return this._pages("Permission", ["Giver", giverId, "Permissions"], {}, limit);
  }

  /** Take it back, here and at the provider. It can be read all the same. @param {string} id @param {{ etag?: string }} [condition] */
  async revokePermission(id, { etag } = {}) {
    await this.connection.call("DELETE", ["Permission", id], { headers: { "If-Match": etag } });
  }

  // --- Pledges

  /**
   * So much every week or month; `nextDate` says when the first gift is made. Throws Conflict where no permission covers it.
   * @param {string} goalId @param {NewPledge} pledge @param {Once} [once] @returns {Promise<Pledge>}
   */
  createPledge(goalId, pledge, once) {
    return this._post("Pledge", ["SavingGoal", goalId, "Pledges"], written("Pledge", pledge), once);
  }

  /** @param {string} id @returns {Promise<Pledge>} */
  getPledge(id) {
    return this._get("Pledge", ["Pledge", id]);
  }

  /**
   * A goal's, newest first, page by page as you go.
   * @param {string} goalId @param {{ state?: string, limit?: number }} [filter] @returns {AsyncGenerator<Pledge, void>}
   */
  listPledges(goalId, { state, limit = 50 } = {}) {
    return this._pages("Pledge", ["SavingGoal", goalId, "Pledges"], { State: state }, limit);
  }

  /**
   * Across your goals, of one giver or of all.
   * @param {{ giverId?: string, state?: string, limit?: number }} [filter] @returns {AsyncGenerator<Pledge, void>}
   */
  listAllPledges({ giverId, state, limit = 50 } = {}) {
    return this._pages("Pledge", ["Pledges"], { GiverId: giverId, State: state }, limit);
  }

  /** No gift is begun until it is resumed. @param {string} id @param {Once} [once] @returns {Promise<Pledge>} */
  pausePledge(id, once) {
    return this._post("Pledge", ["Pledge", id, "Pause"], undefined, once);
  }

  /** It goes on with the first gift that is due from now on. @param {string} id @param {Once} [once] @returns {Promise<Pledge>} */
  resumePledge(id, once) {
    return this._post("Pledge", ["Pledge", id, "Resume"], undefined, once);
  }

  /** End it for good. It can be read all the same. @param {string} id @param {{ etag?: string }} [condition] */
  async endPledge(id, { etag } = {}) {
    await this.connection.call("DELETE", ["Pledge", id], { headers: { "If-Match": etag } });
  }

  // --- Gift certificates. They are spent by createContribution with `providerName: "Certificate"` and `giverId`.

  /**
   * A certificate to be bought: send the buyer's browser to its `providerUrl` next, as with a gift.
   * @param {NewGiftCertificate} certificate @param {Once} [once] @returns {Promise<GiftCertificate>}
   */
  createGiftCertificate(certificate, once) {
    return this._post("GiftCertificate", ["GiftCertificates"], written("GiftCertificate", certificate), once);
  }

  /** With its `claimCode` while it can be claimed: whoever has that can. @param {string} id @returns {Promise<GiftCertificate>} */
  getGiftCertificate(id) {
    return this._get("GiftCertificate", ["GiftCertificate", id]);
  }

  /**
   * Yours, or those that a giver has claimed; newest first, page by page as you go.
   * @param {{ giverId?: string, status?: string, limit?: number }} [filter] @returns {AsyncGenerator<GiftCertificate, void>}
   */
  listGiftCertificates({ giverId, status, limit = 50 } = {}) {
    return this._pages("GiftCertificate", ["GiftCertificates"], { GiverId: giverId, Status: status }, limit);
  }

  /**
   * The giver has typed this code. Throws Forbidden for a wrong one, Conflict for one that cannot be claimed.
   * @param {string} giverId @param {string} claimCode @param {Once} [once] @returns {Promise<GiftCertificate>}
   */
  claimGiftCertificate(giverId, claimCode, once) {
    return this._post("GiftCertificate", ["GiftCertificates", "Claim"], { GiverId: giverId, ClaimCode: claimCode }, once);
  }

  /** Where you know whose it is. @param {string} id @param {string} giverId @param {Once} [once] @returns {Promise<GiftCertificate>} */
  claimWithoutCode(id, giverId, once) {
    return this._post("GiftCertificate", ["GiftCertificate", id, "Claim"], { GiverId: giverId }, once);
  }

  /** Call off a purchase that is not paid; throws Conflict for one that is. @param {string} id @param {{ etag?: string }} [condition] */
  async cancelGiftCertificate(id, { etag } = {}) {
    await this.connection.call("DELETE", ["GiftCertificate", id], { headers: { "If-Match": etag } });
  }

  /**
   * Give back to the buyer so much of what is unspent, or all of it.
   * @param {string} id @param {{ amount?: Amount, reason?: string }} [refund] @param {Once} [once] @returns {Promise<Refund>}
   */
  refundGiftCertificate(id, refund = {}, once) {
    return this._post("Refund", ["GiftCertificate", id, "Refunds"], written("Refund", refund), once);
  }

  /** A purchase's, newest first. @param {string} id @param {{ limit?: number }} [page] @returns {AsyncGenerator<Refund, void>} */
  listGiftCertificateRefunds(id, { limit = 50 } = {}) {
    return this._pages("Refund", ["GiftCertificate", id, "Refunds"], {}, limit);
  }

  // --- Matchers

  /**
   * Each gift that settles from now on is matched, by 100 percent unless told otherwise, until the total is reached.
   * @param {string} goalId @param {{ name: string, maximumTotal: Amount, percent?: number }} matcher @param {Once} [once]
   * @returns {Promise<Matcher>}
   */
  createMatcher(goalId, matcher, once) {
    return this._post("Matcher", ["SavingGoal", goalId, "Matchers"], written("Matcher", matcher), once);
  }

  /** @param {string} id @returns {Promise<Matcher>} */
  getMatcher(id) {
    return this._get("Matcher", ["Matcher", id]);
  }

  /** A goal's, newest first. @param {string} goalId @param {{ limit?: number }} [page] @returns {AsyncGenerator<Matcher, void>} */
  listMatchers(goalId, { limit = 50 } = {}) {
    return this._pages("Matcher", ["SavingGoal", goalId, "Matchers"], {}, limit);
  }

  /** No gift is matched any more; what was matched stays. @param {string} id @param {{ etag?: string }} [condition] */
  async deleteMatcher(id, { etag } = {}) {
    await this.connection.call("DELETE", ["Matcher", id], { headers: { "If-Match": etag } });
  }
}

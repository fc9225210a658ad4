// The client: a method for each thing that can be done. Those for goals and gifts are in gifts.js, those for givers in giving.js.

import { follow } from "./follow.js";
import { Giving } from "./giving.js";
import { written } from "./reading.js";
import { one } from "./requests.js";

/** @typedef {import("./records.js").PaymentAccount} PaymentAccount */
/** @typedef {import("./records.js").Event} Event */
/** @typedef {import("./records.js").Deliveries} Deliveries */
/** @typedef {import("./records.js").WebhookEndpoint} WebhookEndpoint */
/** @typedef {import("./records.js").RedirectSecret} RedirectSecret */
/** @typedef {import("./requests.js").Once} Once */

/** Speaks for one partner. Every method may throw Problem, ServiceUnreachable and UnexpectedAnswer. */
export class Client extends Giving {
  // --- Payment accounts

  /**
   * A payee. Without credentials they are to be onboarded by link.
   * @param {{ providerName: string, credentials?: string }} account @param {Once} [once] @returns {Promise<PaymentAccount>}
   */
  createPaymentAccount(account, once) {
    return this._post("PaymentAccount", ["PaymentAccounts"], written("PaymentAccount", account), once);
  }

  /** @param {string} id @returns {Promise<PaymentAccount>} */
  getPaymentAccount(id) {
    return this._get("PaymentAccount", ["PaymentAccount", id]);
  }

  /** Newest first. @param {{ limit?: number }} [page] @returns {AsyncGenerator<PaymentAccount, void>} */
  listPaymentAccounts({ limit = 50 } = {}) {
    return this._pages("PaymentAccount", ["PaymentAccounts"], {}, limit);
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
    return this._post("PaymentAccount", ["PaymentAccount", id, "Onboarding"]);
  }

  /** Have the provider asked how the payee stands. @param {string} id @returns {Promise<PaymentAccount>} */
  checkPaymentAccount(id) {
    return this._post("PaymentAccount", ["PaymentAccount", id, "Check"]);
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
    return this._get("Deliveries", ["Events", id, "Deliveries"]);
  }

  /** The events that were given up: your webhook has missed them. @returns {AsyncGenerator<Event, void>} */
  listUndelivered() {
    return this._pages("Event", ["Events"], { Delivery: "GivenUp" }, 100);
  }

  /** Send it once more. @param {string} id @returns {Promise<Event>} */
  redeliver(id) {
    return this._post("Event", ["Events", id, "Redeliver"]);
  }

  // --- Webhooks

  /** Throws NotFound where there is none. @returns {Promise<WebhookEndpoint>} */
  getWebhookEndpoint() {
    return this._get("WebhookEndpoint", ["WebhookEndpoint"]);
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
    return this._post("WebhookEndpoint", ["WebhookEndpoint", "Rotate"], undefined, once);
  }

  /** Have an event sent that tells of nothing. @returns {Promise<Event>} */
  testWebhook() {
    return this._post("Event", ["WebhookEndpoint", "Test"]);
  }

  /** All of them, where you have several. @returns {AsyncGenerator<WebhookEndpoint, void>} */
  listWebhookEndpoints() {
    return this._pages("WebhookEndpoint", ["WebhookEndpoints"], {}, 50);
  }

  /**
   * One more. Keep the `secret`.
   * @param {{ url: string, eventTypes?: string[], format?: "JSON" | "XML" }} endpoint @param {Once} [once]
   * @returns {Promise<WebhookEndpoint>}
   */
  createWebhookEndpoint(endpoint, once) {
    return this._post("WebhookEndpoint", ["WebhookEndpoints"], written("WebhookEndpoint", endpoint), once);
  }

  /** One of several. @param {string} id */
  async removeWebhookEndpoint(id) {
    await this.connection.call("DELETE", ["WebhookEndpoints", id]);
  }

  /** Have the addresses that givers come back to signed. Keep the `secret`. @param {Once} [once] @returns {Promise<RedirectSecret>} */
  createRedirectSecret(once) {
    return this._post("RedirectSecret", ["RedirectSecret"], undefined, once);
  }

  /** @param {Once} [once] @returns {Promise<RedirectSecret>} */
  rotateRedirectSecret(once) {
    return this._post("RedirectSecret", ["RedirectSecret", "Rotate"], undefined, once);
  }

  /** Unsigned again. */
  async deleteRedirectSecret() {
    await this.connection.call("DELETE", ["RedirectSecret"]);
  }
}

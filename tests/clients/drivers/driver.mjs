// The JavaScript package, told what to do line by line: see tests/clients/driving.py.

import { createInterface } from "node:readline";
import * as whipround from "../../../clients/javascript/src/index.js";

let client;
const known = new Map();
const notices = [];

function remember(value) {
  for (const one of Array.isArray(value) ? value : [value]) if (one?.id) known.set(one.id, one);
  return value ?? null;
}

function told(error) {
  const names = ["status", "code", "detail", "retryAfter", "idempotencyKey", "currentVersion", "afterLostAnswer", "sentences",
    "contributionId", "reason", "current", "differs", "message"];
  const found = Object.fromEntries(names.map((name) => [name, error[name] ?? null]));
  const faults = (error.faults ?? []).map((fault) => [fault.path, fault.sentence]);
  return { ...found, kind: error.constructor.name, faults };
}

async function listed(iterator, take = Infinity) {
  const found = [];
  if (take > 0) {
    for await (const one of iterator) {
      found.push(one);
      if (found.length >= take) break;
    }
  }
  return found;
}

/** The positional arguments of each method, out of named ones. */
const CALLS = {
  createGoal: ({ idempotencyKey, ...goal }) => client.createGoal(goal, { idempotencyKey }),
  getGoal: ({ goalId }) => client.getGoal(goalId),
  getGoalIfChanged: ({ id }) => client.getGoalIfChanged(known.get(id)),
  listGoals: ({ goalId, ...filter }) => client.listGoals({ id: goalId, ...filter }),
  replaceGoal: ({ goalId, ...changes }) => client.replaceGoal({ ...known.get(goalId), ...changes }),
  updateGoal: ({ goalId, version, ...changes }) => client.updateGoal(goalId, version, changes),
  deleteGoal: ({ goalId, etag }) => client.deleteGoal(goalId, { etag }),
  closeGoal: ({ goalId }) => client.closeGoal(goalId),
  reopenGoal: ({ goalId }) => client.reopenGoal(goalId),
  validateGoal: (goal) => client.validateGoal(goal),
  createContribution: ({ goalId, idempotencyKey, ...gift }) => client.createContribution(goalId, gift, { idempotencyKey }),
  getContribution: ({ contributionId }) => client.getContribution(contributionId),
  waitForContribution: ({ id, seconds }) => client.waitForContribution(known.get(id), seconds),
  listContributions: ({ goalId, ...filter }) => client.listContributions(goalId, filter),
  listAllContributions: ({ limit, ...filters }) => client.listAllContributions(filters, limit),
  deleteContribution: ({ contributionId, etag }) => client.deleteContribution(contributionId, { etag }),
  capture: ({ contributionId }) => client.capture(contributionId),
  check: ({ contributionId }) => client.check(contributionId),
  refund: ({ contributionId, idempotencyKey, ...refund }) => client.refund(contributionId, refund, { idempotencyKey }),
  listRefunds: ({ contributionId, ...page }) => client.listRefunds(contributionId, page),
  listAllRefunds: ({ limit, ...filters }) => client.listAllRefunds(filters, limit),
  getHistory: ({ contributionId }) => client.getHistory(contributionId),
  createPaymentAccount: (account) => client.createPaymentAccount(account),
  getPaymentAccount: ({ accountId }) => client.getPaymentAccount(accountId),
  listPaymentAccounts: (page) => client.listPaymentAccounts(page),
  updatePaymentAccount: ({ accountId, version, ...changes }) => client.updatePaymentAccount(accountId, version, changes),
  deletePaymentAccount: ({ accountId }) => client.deletePaymentAccount(accountId),
  onboard: ({ accountId }) => client.onboard(accountId),
  checkPaymentAccount: ({ accountId }) => client.checkPaymentAccount(accountId),
  createGiver: (giver) => client.createGiver(giver),
  getGiver: ({ giverId }) => client.getGiver(giverId),
  findGiver: ({ externalId }) => client.findGiver(externalId),
  listGivers: (filter) => client.listGivers(filter),
  updateGiver: ({ giverId, version, ...changes }) => client.updateGiver(giverId, version, changes),
  eraseGiver: ({ giverId }) => client.eraseGiver(giverId),
  rotateGiverPage: ({ giverId }) => client.rotateGiverPage(giverId),
  setPin: ({ giverId, pin, old }) => client.setPin(giverId, pin, { old }),
  verifyPin: ({ giverId, pin }) => client.verifyPin(giverId, pin),
  removePin: ({ giverId }) => client.removePin(giverId),
  askPermission: ({ giverId, ...permission }) => client.askPermission(giverId, permission),
  getPermission: ({ permissionId }) => client.getPermission(permissionId),
  listPermissions: ({ giverId, ...page }) => client.listPermissions(giverId, page),
  revokePermission: ({ permissionId }) => client.revokePermission(permissionId),
  createPledge: ({ goalId, ...pledge }) => client.createPledge(goalId, pledge),
  getPledge: ({ pledgeId }) => client.getPledge(pledgeId),
  listPledges: ({ goalId, ...filter }) => client.listPledges(goalId, filter),
  listAllPledges: (filter) => client.listAllPledges(filter),
  pausePledge: ({ pledgeId }) => client.pausePledge(pledgeId),
  resumePledge: ({ pledgeId }) => client.resumePledge(pledgeId),
  endPledge: ({ pledgeId }) => client.endPledge(pledgeId),
  createGiftCertificate: (certificate) => client.createGiftCertificate(certificate),
  getGiftCertificate: ({ certificateId }) => client.getGiftCertificate(certificateId),
  listGiftCertificates: (filter) => client.listGiftCertificates(filter),
  claimGiftCertificate: ({ giverId, claimCode }) => client.claimGiftCertificate(giverId, claimCode),
  claimWithoutCode: ({ certificateId, giverId }) => client.claimWithoutCode(certificateId, giverId),
  cancelGiftCertificate: ({ certificateId }) => client.cancelGiftCertificate(certificateId),
  refundGiftCertificate: ({ certificateId, ...refund }) => client.refundGiftCertificate(certificateId, refund),
  listGiftCertificateRefunds: ({ certificateId }) => client.listGiftCertificateRefunds(certificateId),
  createMatcher: ({ goalId, ...matcher }) => client.createMatcher(goalId, matcher),
  getMatcher: ({ matcherId }) => client.getMatcher(matcherId),
  listMatchers: ({ goalId, ...page }) => client.listMatchers(goalId, page),
  deleteMatcher: ({ matcherId }) => client.deleteMatcher(matcherId),
  events: (from) => client.events(from),
  getDeliveries: ({ eventId }) => client.getDeliveries(eventId),
  redeliver: ({ eventId }) => client.redeliver(eventId),
  getWebhookEndpoint: () => client.getWebhookEndpoint(),
  setWebhookEndpoint: ({ version, ...endpoint }) => client.setWebhookEndpoint(endpoint, version),
  deleteWebhookEndpoint: () => client.deleteWebhookEndpoint(),
  rotateWebhookSecret: () => client.rotateWebhookSecret(),
  testWebhook: () => client.testWebhook(),
  listWebhookEndpoints: () => client.listWebhookEndpoints(),
  createWebhookEndpoint: (endpoint) => client.createWebhookEndpoint(endpoint),
  removeWebhookEndpoint: ({ endpointId }) => client.removeWebhookEndpoint(endpointId),
  createRedirectSecret: () => client.createRedirectSecret(),
  rotateRedirectSecret: () => client.rotateRedirectSecret(),
  deleteRedirectSecret: () => client.deleteRedirectSecret(),
  verifyWebhook: ({ secrets, headers, body, ...more }) => whipround.verifyWebhook(secrets, headers, body, more),
  verifyBounce: ({ secrets, address, ...more }) => whipround.verifyBounce(secrets, address, more),
  floats: () => client.createContribution("x", { amount: 0.1, contributor: "x" }),
  notices: () => notices,
};

async function perform(what, { take, ...given }) {
  if (what === "open") {
    const { address, apiKey, readSeconds, ...options } = given;
    client = new whipround.Client(address, apiKey, { answerSeconds: readSeconds, ...options, onNotice: (one) => notices.push(one) });
    return null;
  }
  const done = CALLS[what](given);
  return done?.[Symbol.asyncIterator] ? listed(done, take) : done;
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = { ok: remember(await perform(asked.do, asked.with)) };
  } catch (error) {
    if (!(error instanceof whipround.WhiproundError || error instanceof TypeError)) throw error;
    answer = { error: told(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

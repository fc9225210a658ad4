// Whipround's API from JavaScript. `Client` speaks for a partner; `verifyWebhook` and `verifyBounce` judge what others bring.

export { Client } from "./client.js";
export { newIdempotencyKey } from "./connection.js";
export {
  BadRequest, Conflict, Forbidden, NotFound, Problem, ProviderRefused, ServiceFailed, ServiceUnreachable, TooManyRequests,
  Unauthorized, UnexpectedAnswer, VerificationFailed, VersionConflict, WhiproundError,
} from "./errors.js";
export { verifyBounce, verifyWebhook } from "./verification.js";

/** @typedef {import("./records.js").SavingGoal} SavingGoal */
/** @typedef {import("./records.js").Contribution} Contribution */
/** @typedef {import("./records.js").PaymentProvider} PaymentProvider */
/** @typedef {import("./records.js").Refund} Refund */
/** @typedef {import("./records.js").PaymentAccount} PaymentAccount */
/** @typedef {import("./records.js").Giver} Giver */
/** @typedef {import("./records.js").Permission} Permission */
/** @typedef {import("./records.js").Pledge} Pledge */
/** @typedef {import("./records.js").GiftCertificate} GiftCertificate */
/** @typedef {import("./records.js").Matcher} Matcher */
/** @typedef {import("./records.js").Event} Event */
/** @typedef {import("./records.js").WebhookEndpoint} WebhookEndpoint */

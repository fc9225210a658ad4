// Stripe's own client for Node.
"use strict";

const answerWith = require("./lines");
const Stripe = require("stripe");

async function answer(question) {
  if (question.signed) {
    const { body, header, secret } = question.signed;
    return { event: Stripe.webhooks.constructEvent(body, header, secret) };
  }
  if (question.sign) {
    return { header: Stripe.webhooks.generateTestHeaderString(question.sign) };
  }
  const { key, ...config } = question.config;
  const client = new Stripe(key, { maxNetworkRetries: 0, telemetry: false, ...config });
  const resource = question.resource.split(".").reduce((at, name) => at[name], client);
  const data = await resource[question.method](...question.arguments);
  return { data, headers: data.lastResponse.headers };
}

answerWith(async (question) => {
  try {
    return await answer(question);
  } catch (error) {
    return { error: { type: error.type || error.name, code: error.code, status: error.statusCode, message: error.message } };
  }
});

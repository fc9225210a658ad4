// Amazon's own client, and a validator of SNS messages by others.
"use strict";

// The fake's certificate is its own, and only its address on this machine is ever asked.
process.removeAllListeners("warning");
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
process.env.NODE_NO_WARNINGS = "1";

const answerWith = require("./lines");
const { WebStoreClient } = require("@amazonpay/amazon-pay-api-sdk-nodejs");
const MessageValidator = require("sns-validator");

async function ask(question) {
  if (question.sns) {
    const validator = new MessageValidator(/^127\.0\.0\.1:[0-9]+$/);
    return new Promise((resolve) => {
      validator.validate(question.sns, (error) => resolve({ valid: !error, error: error && error.message }));
    });
  }
  const client = new WebStoreClient(question.config);
  try {
    const answer = await client[question.method](...question.arguments);
    return answer && answer.status ? { status: answer.status, data: answer.data } : { data: answer };
  } catch (error) {
    if (!error.response) {
      return { error: String(error) };
    }
    return { status: error.response.status, data: error.response.data };
  }
}

answerWith(ask);

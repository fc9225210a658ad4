// A process that is asked by lines of JSON and answers by lines of JSON, in order.
"use strict";

const readline = require("readline");

module.exports = function answerWith(ask) {
  let before = Promise.resolve();
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    before = before.then(() => ask(JSON.parse(line))).then((answer) => process.stdout.write(JSON.stringify(answer) + "\n"));
  });
};

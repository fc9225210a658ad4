// Stands in for Google's own script: a button, a sheet to choose a card in, and what Google gives to the page.
(function () {
  "use strict";
  var google = new URL(document.currentScript.src).origin;
  var CARDS = [
    ["card", "Visa 4242"],
    ["card_that_is_declined", "A card that is declined"],
    ["card_that_wants_a_word", "A card whose bank wants a word"],
  ];
  function refusal(code) {
    return Object.assign(new Error(code), { statusCode: code });
  }
  function PaymentsClient(options) {
    if (options.environment !== "TEST" && options.environment !== "PRODUCTION") {
      throw refusal("DEVELOPER_ERROR");
    }
  }
  PaymentsClient.prototype.isReadyToPay = function (request) {
    var cards = request.apiVersion === 2 && request.allowedPaymentMethods[0].type === "CARD";
    return cards ? Promise.resolve({ result: HAS_A_WALLET }) : Promise.reject(refusal("DEVELOPER_ERROR"));
  };
  PaymentsClient.prototype.createButton = function (options) {
    var place = document.createElement("div");
    var button = document.createElement("button");
    button.type = "button";
    button.id = "gpay-button-online-api-id";
    button.setAttribute("aria-label", "Google Pay");
    button.textContent = "Pay with G Pay";
    button.style.cssText = "background:#000;color:#fff;border-radius:4px;margin:0;";
    button.addEventListener("click", options.onClick);
    place.appendChild(button);
    return place;
  };
  PaymentsClient.prototype.loadPaymentData = function (request) {
    return new Promise(function (resolve, reject) {
      var sheet = document.createElement("div");
      sheet.id = "google-sheet";
      sheet.setAttribute("role", "dialog");
      sheet.setAttribute("aria-label", "Google Pay");
      sheet.style.cssText =
        "position:fixed;left:0;right:0;bottom:0;padding:1rem;background:#fff;color:#000;box-shadow:0 0 2rem #0008;";
      function choice(label, value, then) {
        var button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.value = value;
        button.addEventListener("click", function () {
          sheet.remove();
          then();
        });
        sheet.appendChild(button);
      }
      var sum = document.createElement("p");
      sum.textContent = request.transactionInfo.totalPrice + " " + request.transactionInfo.currencyCode;
      sheet.appendChild(sum);
      CARDS.forEach(function (card) {
        choice(card[1], card[0], function () {
          var body = new URLSearchParams({ request: JSON.stringify(request), pays_with: card[0] });
          fetch(google + "/gp/p/token", { method: "POST", body: body })
            .then(function (answer) {
              return answer.text();
            })
            .then(function (token) {
              resolve({
                apiVersion: 2,
                apiVersionMinor: 0,
                paymentMethodData: {
                  type: "CARD",
                  description: card[1],
                  info: { cardNetwork: "VISA", cardDetails: "4242" },
                  tokenizationData: { type: "PAYMENT_GATEWAY", token: token },
                },
              });
            })
            .catch(reject);
        });
      });
      choice("Close", "close", function () {
        reject(refusal("CANCELED"));
      });
      document.body.appendChild(sheet);
      sheet.querySelector("button").focus();
    });
  };
  window.google = { payments: { api: { PaymentsClient: PaymentsClient } } };
})();

// Stands in for Amazon's own script: draws a button that sends the signed payload to Amazon, and nothing else.
(function () {
  "use strict";
  var amazon = new URL(document.currentScript.src).origin;
  window.amazon = {
    Pay: {
      renderButton: function (selector, settings) {
        var form = document.createElement("form");
        form.method = "post";
        form.action = amazon + "/start";
        var config = settings.createCheckoutSessionConfig;
        var told = {
          payloadJSON: config.payloadJSON,
          signature: config.signature,
          algorithm: config.algorithm,
          publicKeyId: settings.publicKeyId || config.publicKeyId,
          merchantId: settings.merchantId,
          ledgerCurrency: settings.ledgerCurrency,
          productType: settings.productType,
        };
        Object.keys(told).forEach(function (name) {
          var field = document.createElement("input");
          field.type = "hidden";
          field.name = name;
          field.value = told[name];
          form.appendChild(field);
        });
        var button = document.createElement("button");
        button.id = "amazon-pay-button";
        button.setAttribute("aria-label", "Amazon Pay - Use your Amazon Pay Balance or Cards");
        button.textContent = "amazon pay";
        button.style.background = "#ffd814";
        form.appendChild(button);
        document.querySelector(selector).appendChild(form);
      },
    },
  };
})();

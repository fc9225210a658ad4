// Draws Google's own button, and posts what it gives to the page; says so where that cannot be done.
(function () {
  "use strict";
  var messages = ["pay-waiting", "pay-blocked", "pay-unable", "pay-broken", "pay-sending"];
  var data = JSON.parse(document.getElementById("pay-data").textContent);
  var place = document.getElementById("pay-button");
  var form = document.getElementById("pay-form");
  var wayOut = document.getElementById("pay-way-out");
  var busy = false;
  function say(which) {
    messages.forEach(function (id) {
      document.getElementById(id).hidden = id !== which;
    });
    place.hidden = ["pay-blocked", "pay-unable", "pay-sending"].includes(which);
  }
  if (!window.google || !window.google.payments || !window.google.payments.api) {
    say("pay-blocked");
    return;
  }
  function send(paid) {
    form.elements.payment.value = paid.paymentMethodData.tokenizationData.token;
    if (wayOut) {
      wayOut.hidden = true;
    }
    say("pay-sending");
    form.submit();
  }
  function pressed() {
    if (busy) {
      return;
    }
    busy = true;
    say("");
    client.loadPaymentData(data.request).then(send).catch(function (error) {
      busy = false;
      if (!error || error.statusCode !== "CANCELED") {
        say("pay-broken");
      }
    });
  }
  // A page that comes back from the browser's memory may have been paid since.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      window.location.reload();
    }
  });
  var client;
  try {
    client = new window.google.payments.api.PaymentsClient({ environment: data.environment });
  } catch (error) {
    say("pay-blocked");
    return;
  }
  client
    .isReadyToPay(data.ready)
    .then(function (answer) {
      if (!answer.result) {
        say("pay-unable");
        return;
      }
      var wanted = {
        onClick: pressed,
        buttonType: "pay",
        buttonSizeMode: "fill",
        allowedPaymentMethods: data.ready.allowedPaymentMethods,
      };
      if (data.locale) {
        wanted.buttonLocale = data.locale;
      }
      place.appendChild(client.createButton(wanted));
      say("");
    })
    .catch(function () {
      say("pay-blocked");
    });
})();

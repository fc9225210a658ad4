// Draws Amazon's own button from the signed data in the page; says so where Amazon's script did not come.
(function () {
  "use strict";
  var waiting = document.getElementById("pay-waiting");
  var blocked = document.getElementById("pay-blocked");
  function help() {
    waiting.hidden = true;
    blocked.hidden = false;
  }
  if (!window.amazon || !window.amazon.Pay) {
    help();
    return;
  }
  try {
    window.amazon.Pay.renderButton("#pay-button", JSON.parse(document.getElementById("pay-data").textContent));
    waiting.hidden = true;
  } catch (error) {
    help();
  }
})();

/* The application form beside htmx: says when a field could not be kept, marks what is wrong, and refuses a file
   that is too large before it is sent. Without it the buttons of each page do the same. */
(() => {
  "use strict";
  const saved = () => document.getElementById("saved");
  let unkept = false;

  function fail() {
    unkept = true;
    saved().classList.add("is-failing");
    saved().textContent = "Not saved: no answer. Your typing stays here; press Save in a moment.";
  }

  document.addEventListener("htmx:sendError", fail);
  document.addEventListener("htmx:timeout", fail);
  document.addEventListener("htmx:responseError", fail);

  document.addEventListener("htmx:afterSwap", (event) => {
    const place = event.target.closest(".field-place");
    if (!place) return;
    unkept = false;
    const wrong = place.querySelector(".errorlist");
    for (const input of place.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  });

  addEventListener("beforeunload", (event) => {
    if (unkept) event.preventDefault();
  });
  document.addEventListener("submit", () => (unkept = false));

  function judge(input) {
    const file = input.files[0];
    const tooLarge = file && file.size > Number(input.dataset.mostBytes);
    const empty = file && file.size === 0;
    const said = document.getElementById(input.dataset.said);
    said.textContent = empty
      ? "This file is empty (0 bytes)."
      : tooLarge
        ? `This file has ${(file.size / 2 ** 20).toFixed(1)} MB, which is too large. Nothing was sent.`
        : "";
    const isSound = !tooLarge && !empty;
    if (isSound) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
    return isSound;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file][data-most-bytes]")) judge(event.target);
  });
  document.addEventListener("submit", (event) => {
    const input = event.target.querySelector("input[type=file][data-most-bytes]");
    if (input && event.submitter?.value === "upload" && !judge(input)) event.preventDefault();
  });
})();

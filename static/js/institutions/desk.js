/* The desk by keyboard: j and k move through the rows, Enter opens (the row's link has the focus),
   t takes, / searches, ? lists the keys. Single keys can be switched off (WCAG 2.2, 2.1.4); the
   choice lives in this browser only. Everything works without this file too. */
(() => {
  "use strict";
  const KEY = "desk-keys";

  function kept() {
    try {
      return localStorage.getItem(KEY) !== "off";
    } catch {
      return true; // storage is closed to this page: the keys work
    }
  }

  function keep(isOn) {
    try {
      localStorage.setItem(KEY, isOn ? "on" : "off");
    } catch {
      /* for this page only */
    }
  }

  function links() {
    return [...document.querySelectorAll("#desk tbody th a")];
  }

  function step(by) {
    const all = links();
    if (!all.length) return;
    const row = document.activeElement.closest("#desk tbody tr");
    const here = all.findIndex((link) => link.closest("tr") === row);
    const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), all.length - 1);
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  function take() {
    const row = document.activeElement.closest("#desk tbody tr");
    const button = row && row.querySelector("button[name=take]");
    if (button) button.click();
  }

  const ACTS = {
    j: () => step(1),
    k: () => step(-1),
    t: take,
    "/": () => document.querySelector("[data-search]").focus(),
    "?": () => document.getElementById("keys").togglePopover(),
  };

  function isTyping(element) {
    return element.matches("input:not([type=checkbox]), select, textarea");
  }

  document.addEventListener("DOMContentLoaded", () => {
    const isOn = document.getElementById("keys-on");
    isOn.checked = kept();
    isOn.addEventListener("change", () => keep(isOn.checked));
    document.addEventListener("keydown", (event) => {
      const act = ACTS[event.key];
      const chord = event.ctrlKey || event.metaKey || event.altKey;
      if (!act || chord || !isOn.checked || isTyping(event.target)) return;
      event.preventDefault();
      act();
    });
  });
})();

/* The page of an account as it happens, and its forms without a reload.

   Elements with data-part are painted by the server; the same templates are fetched again, prices
   every second and holdings every two, and what differs takes the place of what stood there. A form
   with data-send is sent once however often it is pressed, and answered with the parts that changed.
   Nothing is fetched while nobody looks. */
(() => {
  "use strict";
  const PRICES_MS = 1000;
  const HOLDINGS_MS = 2000;
  const AWAY_MS = 5000;
  const SECONDS = { m: 60, H: 3600, D: 86400 };

  const desk = document.querySelector(".desk");
  const line = document.getElementById("line");
  const rows = document.getElementById("candle-rows");
  const chart = look.candles(document.getElementById("candles"));

  function say(words, tone) {
    line.textContent = words;
    line.className = `pill pill-plain tone-${tone}`;
  }

  function drawCandles() {
    const bar = desk.dataset.bar;
    chart.setRows(rows, parseInt(bar, 10) * SECONDS[bar.at(-1)]);
  }

  /* Put fresh parts where the old ones stand; the focus stays on what has the same id. */
  function apply(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const focused = document.activeElement?.id;
    for (const fresh of template.content.querySelectorAll("[data-part]")) {
      const old = document.getElementById(fresh.id);
      if (!old || old.innerHTML === fresh.innerHTML) continue;
      old.replaceChildren(...fresh.childNodes);
      if (old === rows) drawCandles();
    }
    if (focused && document.activeElement === document.body) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
    return template.content.querySelector("[data-away]") === null;
  }

  async function ask(address, options = {}) {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const answer = await fetch(address, { ...options, headers });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    if (!answer.ok && answer.status !== 422) throw new Error(`HTTP ${answer.status}`);
    return answer.text();
  }

  const query = () => new URLSearchParams({ pair: desk.dataset.pair, bar: desk.dataset.bar });

  /* One poll at a time for each address; the next begins when the last has been answered. */
  function poll(address, every) {
    let timer = 0;
    async function look() {
      clearTimeout(timer);
      if (document.hidden) return;
      const asked = query().toString();
      let wait = every;
      try {
        const html = await ask(`${address}?${asked}`);
        if (asked !== query().toString()) return look();
        const answers = apply(html);
        say(answers ? "Up to date" : "Exchange away", answers ? "good" : "bad");
        if (!answers) wait = AWAY_MS;
      } catch {
        say("Reconnecting", "warn");
        wait = AWAY_MS;
      }
      clearTimeout(timer);
      timer = setTimeout(look, wait);
    }
    document.addEventListener("visibilitychange", look);
    timer = setTimeout(look, every);
    return look;
  }

  const lookAtPrices = poll(desk.dataset.prices, PRICES_MS);
  const lookAtHoldings = poll(desk.dataset.holdings, HOLDINGS_MS);

  /* A market order has no price: what was typed there is kept, and not asked for. */
  function fitOrderForm() {
    const price = document.getElementById("order-price");
    if (price) price.disabled = document.getElementById("order-kind").value === "market";
  }

  async function send(form, button) {
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const body = new URLSearchParams(new FormData(form, button));
    button?.setAttribute("aria-disabled", "true"); // a disabled one would lose the focus
    try {
      apply(await ask(form.action, { method: "POST", body }));
      document.querySelector(`#${form.parentElement.id} [aria-invalid="true"]`)?.focus();
    } catch {
      say("Not sent: try again", "bad");
    }
    form.ariaBusy = null;
    button?.removeAttribute("aria-disabled");
    fitOrderForm();
    lookAtHoldings();
    lookAtPrices();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-send]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "order-kind") fitOrderForm();
  });

  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-choose-bar]");
    if (!choice || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    desk.dataset.bar = choice.dataset.chooseBar;
    for (const one of choice.parentElement.children) one.removeAttribute("aria-current");
    choice.setAttribute("aria-current", "true");
    history.replaceState(null, "", `?${query()}`);
    lookAtPrices();
  });

  drawCandles();
  fitOrderForm();
  say("Up to date", "good");
})();

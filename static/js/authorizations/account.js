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
  const MOST_CANDLES = 120;
  const SECONDS = { m: 60, H: 3600, D: 86400 };
  const WORTH = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  const desk = document.querySelector(".desk");
  const line = document.getElementById("line");
  const rows = document.getElementById("candle-rows");
  const chart = look.candles(document.getElementById("candles"));

  let candlesMeet = true; // whether the candles that stand here reach up to the newest
  let shown = "";

  function say(words, tone) {
    line.textContent = words;
    line.className = `pill pill-plain tone-${tone}`;
  }

  function drawCandles() {
    const bar = desk.dataset.bar;
    chart.setRows(rows, parseInt(bar, 10) * SECONDS[bar.at(-1)]);
  }

  /* Fresh candles take the place of those that began at the same time; the older ones stay. Whether
     they met, so that none is missing between. */
  function mergeCandles(fresh) {
    const known = new Map([...rows.rows].map((row) => [row.querySelector("time")?.dateTime, row]));
    const newest = [...fresh.rows];
    const meet = newest.some((row) => known.has(row.querySelector("time")?.dateTime));
    for (const row of newest.reverse()) {
      known.get(row.querySelector("time")?.dateTime)?.remove();
      rows.prepend(row);
    }
    while (rows.rows.length > MOST_CANDLES) rows.lastElementChild.remove();
    return meet;
  }

  function put(fresh, old, few) {
    if (old === rows && few) candlesMeet = mergeCandles(fresh);
    else old.replaceChildren(...fresh.childNodes);
    if (old === rows) drawCandles();
  }

  /* Put fresh parts where the old ones stand; the focus stays on what has the same id, or goes to
     what was said of it: to the next button it must not go, or Enter pressed twice cancels two. */
  function apply(html, few = false) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const focused = document.activeElement;
    const said = focused?.closest("section")?.querySelector('[role="status"]');
    for (const fresh of template.content.querySelectorAll("[data-part]")) {
      const old = document.getElementById(fresh.id);
      if (old && old.innerHTML !== fresh.innerHTML) put(fresh, old, few);
    }
    if (focused?.id && document.activeElement === document.body) {
      (document.getElementById(focused.id) ?? said)?.focus({ preventScroll: true });
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

  /* One poll at a time for each address; the next begins when the last has been answered. With
     candles, only the newest are asked for while the page shows those before them. */
  function poll(address, every, candles = false) {
    let timer = 0;

    async function once() {
      const asked = query().toString();
      const few = candles && candlesMeet && asked === shown;
      const html = await ask(`${address}?${asked}${few ? "&few=1" : ""}`);
      if (asked !== query().toString()) return 0;
      if (candles) {
        candlesMeet = true;
        shown = asked;
      }
      const answers = apply(html, few);
      say(answers ? "Up to date" : "Exchange away", answers ? "good" : "bad");
      return answers ? every : AWAY_MS;
    }

    async function look() {
      clearTimeout(timer);
      if (document.hidden) return;
      const wait = await once().catch(() => {
        say("Reconnecting", "warn");
        return AWAY_MS;
      });
      clearTimeout(timer);
      timer = setTimeout(look, wait);
    }

    document.addEventListener("visibilitychange", () => {
      candlesMeet = false; // much may have happened while nobody looked
      look();
    });
    timer = setTimeout(look, every);
    return look;
  }

  const lookAtPrices = poll(desk.dataset.prices, PRICES_MS, true);
  const lookAtHoldings = poll(desk.dataset.holdings, HOLDINGS_MS);

  const field = (name) => document.getElementById(`order-${name}`);

  /* A market order has no price: what was typed there is kept, and not asked for. What an order is
     worth is a hint for the eye: the exchange counts exactly. */
  function fitOrderForm() {
    const market = field("kind").value === "market";
    field("price").disabled = market;
    const price = market ? document.querySelector("#ticker data")?.value : field("price").value;
    const worth = Number(price) * Number(field("size").value);
    const quote = desk.dataset.pair.split("-")[1];
    field("worth").textContent = worth > 0 ? `${WORTH.format(worth)} ${quote}` : "—";
  }

  /* The site itself did not answer. What a form asks for is done once, however often it is sent. */
  function lament(place) {
    place.innerHTML = '<div class="message tone-bad"><p class="message-text"></p></div>';
    place.querySelector("p").textContent = "No answer came. Send it again: it counts once.";
  }

  async function send(form, button) {
    if (form.ariaBusy === "true") return;
    const name = form.dataset.send;
    const words = button.innerHTML;
    form.ariaBusy = "true";
    button.setAttribute("aria-disabled", "true"); // a disabled one would lose the focus
    if (button.dataset.busy) button.textContent = button.dataset.busy;
    try {
      const body = new URLSearchParams(new FormData(form, button));
      apply(await ask(form.action, { method: "POST", body }));
      document.querySelector(`#${name}-form [aria-invalid="true"]`)?.focus();
    } catch {
      lament(document.getElementById(`${name}-said`));
    }
    form.ariaBusy = null;
    button.removeAttribute("aria-disabled");
    button.innerHTML = words;
    fitOrderForm();
    lookAtHoldings();
    lookAtPrices();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-send]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });

  document.addEventListener("input", (event) => {
    if (event.target.closest("#order-form")) fitOrderForm();
  });

  document.addEventListener("click", (event) => {
    const price = event.target.closest("[data-take-price]")?.dataset.takePrice;
    if (!price) return;
    field("price").value = price;
    fitOrderForm();
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

/* The live page: news of the institution as it happens.

   One EventSource, which says how far it has read whenever it comes back. Three kinds of event:
   "fills" (rows, newest first), "tiles" (the numbers on top), "chart" (the last hour). */
(() => {
  "use strict";
  const MOST_ROWS = 200;
  const rows = document.getElementById("fill-rows");
  const tiles = document.getElementById("tiles");
  const line = document.getElementById("line");
  const host = document.getElementById("volume");

  function say(words, tone) {
    line.textContent = words;
    line.className = `pill tone-${tone}`;
  }

  function draw(points) {
    chart.setData([points.minutes, points.tagged.map(Number), points.other.map(Number)]);
  }

  function fragment(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  }

  function addRows(html) {
    rows.querySelector(".empty-row")?.remove();
    const fresh = fragment(html);
    fresh.querySelectorAll("tr").forEach((row) => row.classList.add("is-new"));
    rows.prepend(fresh);
    while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove();
  }

  const first = JSON.parse(document.getElementById("volume-points").textContent);
  const chart = look.chart(host, {
    unit: first.currency,
    series: [{ label: "With your code", fill: true }, { label: "Without", colour: 3 }],
  });
  draw(first);

  /* A browser reconnects by itself after a dropped line, but not after a refusal, and a site that
     is just starting refuses too: so we come again a few times, from where we had read to. */
  const MOST_REFUSALS = 5;
  let readTo = rows.dataset.after;
  let refusals = 0;

  function listen() {
    const source = new EventSource(`${rows.dataset.live}?after=${readTo}`);
    source.addEventListener("open", () => {
      refusals = 0;
      say("Live", "good");
    });
    source.addEventListener("fills", (event) => {
      readTo = event.lastEventId;
      addRows(event.data);
    });
    source.addEventListener("tiles", (event) => tiles.replaceChildren(fragment(event.data)));
    source.addEventListener("chart", (event) => draw(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      say("Reconnecting", "warn");
      if (source.readyState === EventSource.CLOSED) comeAgain();
    });
  }

  function comeAgain() {
    refusals += 1;
    if (refusals > MOST_REFUSALS) say("Stopped: reload the page", "bad");
    else setTimeout(listen, 1000 * refusals);
  }

  listen();
})();

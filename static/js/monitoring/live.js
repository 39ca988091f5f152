/* The live page: news of the institution as it happens.

   One EventSource; the browser reconnects by itself and says how far it has read. Three kinds of
   event: "fills" (rows, newest first), "tiles" (the numbers on top), "chart" (the last hour). */
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
    series: [{ label: "With your code", fill: true }, { label: "Without" }],
  });
  draw(first);

  const source = new EventSource(rows.dataset.live);
  source.addEventListener("open", () => say("Live", "good"));
  source.addEventListener("fills", (event) => addRows(event.data));
  source.addEventListener("tiles", (event) => tiles.replaceChildren(fragment(event.data)));
  source.addEventListener("chart", (event) => draw(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    const ended = source.readyState === EventSource.CLOSED;
    say(ended ? "Stopped: reload the page" : "Reconnecting", ended ? "bad" : "warn");
  });
})();

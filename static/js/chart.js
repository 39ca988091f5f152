/* Charts in the page's own colours: a thin hand on uPlot.

     const chart = look.chart(document.getElementById("volume"), {
       unit: "USDT",
       series: [{ label: "Tagged", fill: true }, { label: "Untagged" }],
     });
     chart.setData([[unix seconds…], [numbers…], [numbers…]]);

   Series take --series-1 to --series-4 in order, or the one whose number is their `colour`. The chart follows its host's width and the theme.
   Numbers here are for drawing only: amounts people rely on stand in the page as text.
   candles.js draws with the same helpers. */
window.look = (() => {
  "use strict";
  const HEIGHT = 208;
  const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
  const SHORT = new Intl.NumberFormat("en", { notation: "compact" });

  const probe = document.createElement("canvas").getContext("2d");

  /* A canvas understands plain colours only: let the browser resolve light-dark(). */
  function token(host, name) {
    const was = host.style.color;
    host.style.color = `var(${name})`;
    const colour = getComputedStyle(host).color;
    host.style.color = was;
    return colour;
  }

  function faint(colour) {
    probe.fillStyle = colour;
    return probe.fillStyle + "24";
  }

  function line(host, { label, fill = false, unit = "", colour }, index) {
    const stroke = token(host, `--series-${colour ?? index + 1}`);
    const value = (_, number) => (number == null ? "—" : `${NUMBER.format(number)} ${unit}`);
    return {
      label, stroke, value, width: 1.5, points: { show: false },
      fill: fill ? faint(stroke) : undefined,
    };
  }

  function axis(host, extra) {
    const grid = { stroke: token(host, "--grid"), width: 1 };
    const font = `11px ${getComputedStyle(host).fontFamily}`;
    return { stroke: token(host, "--ink-soft"), grid, ticks: { show: false }, font, ...extra };
  }

  function timeAxis(host) {
    return axis(host, {
      space: 70,
      values: [
        [86400, "{MMM} {D}", null, null, null, null, null, null, 1],
        [60, "{HH}:{mm}", "\n{MMM} {D}", null, null, null, null, null, 1],
        [1, "{HH}:{mm}:{ss}", "\n{MMM} {D}", null, null, null, null, null, 1],
      ],
    });
  }

  /* The size of a chart in its host, and times in UTC. */
  function frame(host, height) {
    const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
    return { width: host.clientWidth - 24, height, tzDate: utc, cursor: { y: false } };
  }

  function options(host, { series, unit }) {
    const short = (_, numbers) => numbers.map((number) => SHORT.format(number));
    return {
      ...frame(host, HEIGHT),
      scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
      series: [
        { label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
        ...series.map((one, index) => line(host, { unit, ...one }, index)),
      ],
      axes: [
        timeAxis(host),
        axis(host, { size: 52, values: short }),
      ],
    };
  }

  function chart(host, choice) {
    let data = [[], ...choice.series.map(() => [])];
    let plot = null;

    function draw() {
      plot?.destroy();
      plot = new uPlot(options(host, choice), data, host);
    }

    draw();
    document.addEventListener("themechange", draw);
    new ResizeObserver(() => plot.setSize({ width: host.clientWidth - 24, height: HEIGHT })).observe(host);
    return {
      setData(next) {
        data = next;
        plot.setData(next);
      },
    };
  }

  return { chart, token, faint, axis, timeAxis, frame };
})();

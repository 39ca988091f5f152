/* Candles in the page's own colours, drawn on uPlot from the rows of a table:

     const chart = look.candles(document.getElementById("candles"));
     chart.setRows(document.getElementById("candle-rows"), 60);

   A row holds a <time> and five figures: open, high, low, close, volume; the newest row is first.
   The second argument is the width of a candle in seconds. A rising candle is hollow and a falling
   one full, so that they differ without their colours. Numbers here are for drawing only. */
(() => {
  "use strict";
  const HEIGHT = 320;
  const ROOM = 6; // pixels that a candle wants at least, its gap included
  const VOLUME_SHARE = 5; // volumes take a fifth of the height

  function numbers(row) {
    const [from, ...figures] = row.cells;
    const time = Date.parse(from.firstElementChild.dateTime) / 1000;
    return [time, ...figures.map((cell) => Number(cell.textContent.replaceAll(",", "")))];
  }

  function columns(rows, most) {
    const newest = [...rows.querySelectorAll("tr:not(.empty-row)")].slice(0, most);
    const bars = newest.reverse().map(numbers);
    return [0, 1, 2, 3, 4, 5].map((at) => bars.map((bar) => bar[at]));
  }

  function body(context, at, width, top, bottom, hollow) {
    const height = Math.max(1, bottom - top);
    if (hollow && height > 2 && width > 3) {
      context.strokeRect(at - width / 2 + 0.5, top + 0.5, width - 1, height - 1);
    } else {
      context.fillRect(at - width / 2, top, width, height);
    }
  }

  function paint(plot, shown, colours) {
    const { ctx, bbox } = plot;
    const [times, opens, highs, lows, closes, volumes] = plot.data;
    const width = Math.max(1, Math.floor((bbox.width / shown) * 0.7) | 1);
    const y = (value, scale) => Math.round(plot.valToPos(value, scale, true));
    ctx.save();
    ctx.lineWidth = 1;
    times.forEach((time, index) => {
      const at = Math.round(plot.valToPos(time, "x", true));
      const rises = closes[index] >= opens[index];
      const colour = rises ? colours.up : colours.down;
      const top = y(Math.max(opens[index], closes[index]), "y");
      const bottom = y(Math.min(opens[index], closes[index]), "y");
      ctx.strokeStyle = ctx.fillStyle = colour.line;
      ctx.fillRect(at, y(highs[index], "y"), 1, Math.max(0, top - y(highs[index], "y")));
      ctx.fillRect(at, bottom, 1, Math.max(0, y(lows[index], "y") - bottom));
      body(ctx, at, width, top, bottom, rises);
      ctx.fillStyle = colour.tint;
      const crest = y(volumes[index], "volume");
      ctx.fillRect(at - (width >> 1), crest, width, bbox.top + bbox.height - crest);
    });
    ctx.restore();
  }

  function series(host) {
    const format = new Intl.NumberFormat("en", { maximumFractionDigits: 8 });
    const value = (_, number) => (number == null ? "—" : format.format(number));
    const unseen = { stroke: look.token(host, "--ink"), paths: () => null, points: { show: false }, value };
    const prices = ["Open", "High", "Low", "Close"].map((label) => ({ ...unseen, label }));
    return [
      { label: "UTC", value: "{MMM} {D}, {HH}:{mm}" },
      ...prices,
      { ...unseen, label: "Volume", scale: "volume" },
    ];
  }

  function scales(state) {
    /* As many candles as there is room for, the newest at the right, however few there are. */
    const window = (plot) => {
      const last = plot.data[0].at(-1) ?? Date.now() / 1000;
      return [last - (state.shown - 0.5) * state.seconds, last + 0.5 * state.seconds];
    };
    const price = (_, low, high) => {
      if (low == null) return [0, 1];
      const margin = (high - low) * 0.06 || high * 0.001;
      return [low - margin - (high - low + 2 * margin) / VOLUME_SHARE, high + margin];
    };
    const volume = (_, low, high) => [0, (high || 1) * VOLUME_SHARE * 1.2];
    return { x: { range: window }, y: { range: price }, volume: { range: volume } };
  }

  function options(host, state) {
    const up = look.token(host, "--good");
    const down = look.token(host, "--bad");
    const colours = {
      up: { line: up, tint: look.faint(up) },
      down: { line: down, tint: look.faint(down) },
    };
    const format = new Intl.NumberFormat("en", { maximumFractionDigits: Number(host.dataset.places) });
    const values = (_, ticks) => ticks.map((tick) => format.format(tick));
    return {
      ...look.frame(host, HEIGHT),
      legend: { markers: { show: false } },
      scales: scales(state),
      series: series(host),
      axes: [look.timeAxis(host), look.axis(host, { size: 64, values, side: 1 })],
      hooks: { draw: [(plot) => paint(plot, state.shown, colours)] },
    };
  }

  window.look.candles = (host) => {
    const state = { rows: null, seconds: 60, shown: 60 };
    let plot = null;
    let width = 0;

    function data() {
      state.shown = Math.max(20, Math.floor((host.clientWidth - 88) / ROOM));
      return state.rows ? columns(state.rows, state.shown) : [[], [], [], [], [], []];
    }

    function draw() {
      width = host.clientWidth;
      plot?.destroy();
      plot = new uPlot(options(host, state), data(), host);
      showLast();
    }

    /* The figures of the newest candle, until another is pointed at; after uPlot has drawn. */
    function showLast() {
      requestAnimationFrame(() => {
        const last = plot.data[0].length - 1;
        if (last >= 0 && !host.matches(":hover")) plot.setLegend({ idx: last }, false);
      });
    }

    draw();
    document.addEventListener("themechange", draw);
    new ResizeObserver(() => host.clientWidth !== width && draw()).observe(host);
    return {
      setRows(rows, seconds) {
        Object.assign(state, { rows, seconds });
        plot.setData(data());
        showLast();
      },
    };
  };
})();

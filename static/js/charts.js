// Draws the table inside <figure class="chart" data-chart="line|bar|column|pie">. The table stays for paper and for readers.
(() => {
  "use strict";
  const { echarts } = window;

  const css = getComputedStyle(document.documentElement);
  const token = (name) => css.getPropertyValue(name).trim();
  const INK = token("--ink"), INK2 = token("--ink-2"), LINE = token("--line"), LINE2 = token("--line-2");
  const COLOURS = [token("--blue"), token("--green"), token("--amber"), "#9db6dc", "#7b8797", token("--red"), "#5b4b9a", "#2a8c8c"];
  const text = { fontFamily: token("--sans"), fontSize: 12.5, color: INK2 };
  const number = (words) => { const value = parseFloat(words.replace(/[^\d.\-−]/g, "").replace("−", "-")); return Number.isNaN(value) ? null : value; };

  function read(table) {
    const rows = [...table.rows].filter((row) => !row.closest("tfoot")).map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
    const links = [...table.tBodies[0].rows].map((row) => row.querySelector("a")?.href);
    return { head: rows[0], body: rows.slice(1), links };
  }

  const base = (unit, trigger) => ({
    animation: false, color: COLOURS, textStyle: text, aria: { enabled: false },
    // richText: an HTML tooltip would need inline styles, which the CSP refuses.
    tooltip: { trigger, renderMode: "richText", confine: true, borderColor: LINE, textStyle: { color: INK, fontSize: 13, fontFamily: token("--sans") }, valueFormatter: (v) => (v === null || v === undefined ? "无" : `${v}${unit}`) },
  });
  const category = (data) => ({ type: "category", data, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: { ...text, hideOverlap: true } });
  const value = (unit) => ({ type: "value", min: 0, splitNumber: 4, axisLabel: { ...text, formatter: `{value}${unit}` }, splitLine: { lineStyle: { color: LINE2 } } });

  function line({ head, body }, unit) {
    const several = head.length > 2;
    return {
      ...base(unit, "axis"),
      grid: { left: 8, right: several ? 92 : 48, top: 16, bottom: 4, containLabel: true },
      xAxis: { ...category(body.map((row) => row[0])), boundaryGap: false },
      yAxis: value(unit),
      series: head.slice(1).map((name, i) => ({
        name, type: "line", symbol: i ? "emptyCircle" : "circle", symbolSize: 6, lineStyle: { width: 2.2 }, data: body.map((row) => number(row[i + 1])), connectNulls: false,
        endLabel: { show: true, formatter: several ? "{a} {c}" : "{c}", color: COLOURS[i], fontWeight: 600, fontSize: 12.5 }, labelLayout: { moveOverlap: "shiftY" },
      })),
    };
  }

  function bars({ head, body }, unit, lying) {
    const data = lying ? [...body].reverse() : body;
    const names = { ...category(data.map((row) => row[0])), axisLabel: { ...text, color: INK, ...(lying ? { width: 130, overflow: "truncate" } : { interval: 0, width: 64, overflow: "break" }) } };
    const sizes = { ...value(unit), ...(lying ? { show: false } : {}) };
    return {
      ...base(unit, "axis"),
      legend: head.length > 2 ? { top: 0, right: 0, icon: "roundRect", itemWidth: 12, itemHeight: 8, textStyle: text } : undefined,
      grid: { left: 4, right: lying ? 48 : 8, top: head.length > 2 ? 30 : lying ? 4 : 24, bottom: 4, containLabel: true },
      xAxis: lying ? sizes : names,
      yAxis: lying ? names : sizes,
      series: head.slice(1).map((name, i) => ({
        name, type: "bar", barMaxWidth: i ? 6 : 14, itemStyle: { color: i ? "#9db6dc" : COLOURS[0] }, data: data.map((row) => number(row[i + 1])),
        label: { show: i === 0 && (lying || body.length <= 8), position: lying ? "right" : "top", formatter: `{c}${unit}`, color: INK, fontSize: 12.5, fontWeight: 600 },
      })),
    };
  }

  function pie({ body }, unit) {
    return {
      ...base(unit, "item"),
      series: [{
        type: "pie", labelLine: { length: 8, length2: 6 }, radius: ["34%", "56%"], data: body.map((row) => ({ name: row[0], value: number(row[1]) })), itemStyle: { borderColor: "#fff", borderWidth: 2 },
        label: { formatter: `{b}\n{c}${unit}`, overflow: "none", color: INK, fontSize: 12.5, lineHeight: 18 },
      }],
    };
  }

  const kinds = { __proto__: null, line, bar: (data, unit) => bars(data, unit, true), column: (data, unit) => bars(data, unit, false), pie };

  function draw(figure) {
    const table = figure.querySelector("table");
    const kind = kinds[figure.dataset.chart];
    if (!table || !kind || figure.querySelector(".canvas")) return;
    const data = read(table);
    if (!data.body.length) return;
    const box = document.createElement("div");
    box.className = "canvas";
    box.setAttribute("aria-hidden", "true");
    table.classList.add("visually-hidden");
    figure.append(box);
    const chart = echarts.init(box, null, { renderer: "svg" });
    chart.setOption(kind(data, figure.dataset.unit ?? ""));
    chart.on("click", ({ dataIndex }) => {
      const row = figure.dataset.chart === "bar" ? data.links.length - 1 - dataIndex : dataIndex;
      if (data.links[row]) location.assign(data.links[row]);
    });
    new ResizeObserver(() => chart.resize()).observe(box);
  }

  const drawAll = (within) => within.querySelectorAll("figure[data-chart]").forEach(draw);
  drawAll(document);
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
})();

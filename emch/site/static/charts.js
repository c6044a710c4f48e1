'use strict';

/* The charting library behind one door: colours, shapes, dark mode, size, and a text for each chart. */
emch.charts = (() => {
    const h = emch.h;
    /* Okabe and Ito 2008: told apart by people with any colour vision; shapes tell apart again. */
    const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#777777'];
    const SHAPES = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin', 'arrow'];
    const DASHES = ['solid', 'dashed', 'dotted'];
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const shown = new Map();

    const sizes = new ResizeObserver((entries) => {
        for (const entry of entries) {
            shown.get(entry.target)?.resize();
        }
    });

    /* The library is big, so it comes after the tables; the report has it inside. */
    let loading = null;

    function library() {
        const found = document.querySelector('meta[name=emch-charts]');
        if (!window.echarts && !found) {
            return null;
        }
        loading =
            loading
            || (window.echarts
                ? Promise.resolve()
                : new Promise((resolve, reject) => {
                      document.head.append(
                          h('script', {
                              src: found.content,
                              load: resolve,
                              error: () => reject(new Error(found.content + ' could not be loaded')),
                          }),
                      );
                  }));
        return loading;
    }

    /* Draw a chart; `label` says in words what it shows, and a table beside it has the figures. */
    function draw(root, label, option, onClick) {
        if (!library()) {
            root.append(
                h(
                    'p',
                    {class: 'emch-note'},
                    'Charts need Node.js when the site is published; ',
                    'the table has the same figures.',
                ),
            );
            return;
        }
        const element = h('div', {class: 'emch-chart', role: 'img', 'aria-label': label});
        root.append(element);
        library().then(
            () => element.isConnected && fill(element, option, onClick),
            (error) => element.replaceWith(h('p', {class: 'emch-note', role: 'alert'}, error.message)),
        );
    }

    function fill(element, option, onClick) {
        const chart = window.echarts.init(element, dark.matches ? 'dark' : null);
        chart.setOption({
            animation: false,
            backgroundColor: 'transparent',
            color: COLORS,
            textStyle: {fontFamily: 'system-ui, sans-serif'},
            grid: {left: 36, right: 36, top: 56, bottom: 48, containLabel: true},
            legend: {type: 'scroll', top: 0},
            ...option,
        });
        if (onClick) {
            chart.on('click', onClick);
        }
        shown.set(element, chart);
        sizes.observe(element);
        element.dataset.drawn = '';
    }

    function dispose(root) {
        root.querySelectorAll('.emch-chart').forEach((element) => {
            if (shown.has(element)) {
                sizes.unobserve(element);
                shown.get(element).dispose();
                shown.delete(element);
            }
        });
    }

    /* Whiskers from low to high at each [x, low, high]. */
    function errorBars(points, color) {
        return {
            type: 'custom',
            silent: true,
            itemStyle: {color: color},
            data: points,
            renderItem: (_params, api) => {
                const low = api.coord([api.value(0), api.value(1)]);
                const high = api.coord([api.value(0), api.value(2)]);
                const line = (from, to) => ({
                    type: 'line',
                    shape: {x1: from[0], y1: from[1], x2: to[0], y2: to[1]},
                    style: {stroke: color, lineWidth: 1.5},
                });
                const cap = (at) => line([at[0] - 4, at[1]], [at[0] + 4, at[1]]);
                return {type: 'group', children: [line(low, high), cap(low), cap(high)]};
            },
        };
    }

    const look = (place) => ({
        color: COLORS[place % COLORS.length],
        symbol: SHAPES[Math.floor(place / COLORS.length + place) % SHAPES.length],
        dash: DASHES[Math.floor(place / COLORS.length) % DASHES.length],
    });

    /* An axis that prints values of a metric. */
    function axis(data, metric, more) {
        return {
            type: 'value',
            scale: true,
            name: emch.format.metric(data, metric).label,
            nameLocation: 'middle',
            nameGap: 32,
            axisLabel: {formatter: (value) => emch.format.value(data, metric, value)},
            ...more,
        };
    }

    return {draw, dispose, errorBars, look, axis};
})();

'use strict';

/* Percentile curves and the distribution of the raw samples of the newest launches. */
emch.pages.latency = (view, body) => {
    const {h, format, controls, charts, tables} = emch;
    const data = view.data;
    const BINS = 60;
    const MARKS = [50, 90, 95, 99];
    /* The calls that a percentile needs for a one-sided 99 % bound: emch.percentiles. */
    const needs = (percent) => (percent === 50 ? 1 : Math.ceil(Math.log(0.01) / Math.log(percent / 100)));
    const sampled = data.distributions
        .map((each) => ({...each, of: data.series[each.series]}))
        .filter((each) => each.of.backend);
    if (!sampled.length) {
        emch.empty(body, 'No raw samples are kept.', 'emch track');
        return [];
    }
    const {series: here, controls: made} = controls.place(
        view,
        sampled.map((each) => each.of),
    );
    const places = new Set(here.map((each) => each.place));
    const inPlace = sampled.filter((each) => places.has(each.series));
    const nameOf = (each) => each.of.setting + ': ' + format.metric(data, each.of.metric).label;
    const settings = emch.unique(inPlace.map(nameOf)).sort();
    const opened = inPlace.find((each) => emch.opens(data, 'samples')(each.of));
    const setting = view.get('of', settings, opened && nameOf(opened));
    const shown = inPlace.filter((each) => nameOf(each) === setting);
    const metric = shown[0].of.metric;

    /* The value at a percentile, between the quantiles that are kept. */
    function at(each, percent) {
        const place = ((each.quantiles.length - 1) * percent) / 100;
        const low = each.quantiles[Math.floor(place)];
        const high = each.quantiles[Math.ceil(place)];
        return low + (place % 1) * (high - low);
    }

    shown.sort((one, other) => at(one, 50) - at(other, 50));
    const backends = shown.map((each) => each.of.backend);
    const chosen = view.get('backend', ['all', ...backends]);
    const drawn = shown.filter((each) => chosen === 'all' || each.of.backend === chosen);
    const percents = Array.from({length: 200}, (_, place) => place / 2);

    body.append(h('h2', {}, 'Percentiles'));
    charts.draw(body, 'Percentile curves of ' + setting, {
        tooltip: {trigger: 'axis', valueFormatter: (value) => format.value(data, metric, value)},
        xAxis: {type: 'value', min: 0, max: 100, name: 'percentile', nameLocation: 'middle', nameGap: 28},
        yAxis: charts.axis(data, metric, {type: 'log', logBase: 2, nameGap: 84}),
        series: drawn.map((each) => {
            const look = charts.look(backends.indexOf(each.of.backend));
            return {
                name: each.of.backend,
                type: 'line',
                showSymbol: false,
                itemStyle: {color: look.color},
                lineStyle: {type: look.dash},
                data: percents.map((percent) => [percent, at(each, percent)]),
            };
        }),
    });
    body.append(h('h2', {}, 'Distribution'));
    const logs = drawn.map((each) => each.quantiles.map(Math.log));
    const low = Math.min(...logs.map((each) => each[0]));
    const high = Math.max(...logs.map((each) => each[each.length - 1]));
    const width = (high - low) / BINS || 1;
    charts.draw(body, 'Share of the calls by how long they took, ' + setting, {
        tooltip: {trigger: 'axis', valueFormatter: (share) => format.digits(100 * share, 2) + ' %'},
        xAxis: charts.axis(data, metric, {type: 'log', logBase: 2, nameGap: 28}),
        yAxis: {
            type: 'value',
            name: 'share of calls',
            nameLocation: 'middle',
            nameGap: 44,
            axisLabel: {formatter: (share) => format.digits(100 * share, 2) + ' %'},
        },
        series: drawn.map((each, index) => {
            const counts = new Array(BINS).fill(0);
            logs[index].forEach((value) => {
                counts[Math.min(BINS - 1, Math.floor((value - low) / width))] += 1;
            });
            const look = charts.look(backends.indexOf(each.of.backend));
            return {
                name: each.of.backend,
                type: 'line',
                step: 'middle',
                showSymbol: false,
                areaStyle: {opacity: 0.15},
                itemStyle: {color: look.color},
                lineStyle: {type: look.dash},
                data: counts.map((count, bin) => [Math.exp(low + (bin + 0.5) * width), count / logs[index].length]),
            };
        }),
    });
    tables.table(
        body,
        setting,
        [
            {label: 'backend', value: (row) => row.of.backend, header: true},
            {label: 'samples', value: (row) => row.n, number: true},
            ...MARKS.map((percent) => ({
                label: 'p' + percent,
                number: true,
                value: (row) => (row.n < needs(percent) ? undefined : at(row, percent)),
                show: (row) =>
                    row.n < needs(percent)
                        ? 'n/a (needs ' + needs(percent) + ')'
                        : format.value(data, metric, at(row, percent)),
            })),
            {
                label: 'greatest',
                number: true,
                value: (row) => at(row, 100),
                show: (row) => format.value(data, metric, at(row, 100)),
            },
            tables.commit((row) => row.of),
        ],
        shown,
    );
    return [
        ...made,
        controls.choice(view, 'of', 'Measurement', settings, setting),
        controls.choice(view, 'backend', 'Backend', ['all', ...backends], chosen),
    ];
};

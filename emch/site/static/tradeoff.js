'use strict';

/* Misses against speed or memory, with the Pareto front: nothing on it is beaten in one and at least
   equal in the other. Miss rates that no paired test of so many queries tells apart are equal. */
emch.pages.tradeoff = (view, body) => {
    const {h, format, controls, charts, tables} = emch;
    const data = view.data;
    const miss = 'miss_rate';
    const misses = data.series.filter((each) => each.metric === miss && each.backend);
    if (!misses.length) {
        emch.empty(body, 'No miss rates were measured.', 'emch track');
        return [];
    }
    const {keep, series: accurate, controls: made} = controls.place(view, misses, true);
    const settings = emch.unique(accurate.map((each) => each.setting)).sort();
    const setting = view.get('of', settings, emch.opening(data, 'accuracy', accurate)?.setting);
    const sample = accurate.find((each) => each.setting === setting);
    const costs = keep(data.series).filter(
        (each) =>
            each.setting === setting
            && each.backend
            && format.metric(data, each.metric).better === 'lower'
            && each.metric !== miss,
    );
    const metrics = emch.unique(costs.map((each) => each.metric));
    const metric = view.get('cost', metrics, 'wall_s');
    const points = accurate
        .filter((each) => each.setting === setting)
        .flatMap((each) => {
            const cost = costs.find((other) => other.metric === metric && other.backend === each.backend);
            return cost
                ? [{backend: each.backend, miss: each.value, cost: cost.value, half: cost.half, series: cost}]
                : [];
        });
    const tie = data.ties[sample.params.dataset] || 0;
    const beaten = (point) =>
        points.some(
            (other) =>
                other.miss <= point.miss + tie
                && other.cost <= point.cost
                && (other.miss < point.miss - tie || other.cost < point.cost),
        );
    points.forEach((point) => {
        point.front = !beaten(point);
    });
    const front = points.filter((point) => point.front).sort((one, other) => one.cost - other.cost);
    points.sort((one, other) => one.cost - other.cost);
    points.forEach((point, place) => {
        point.number = place + 1;
        point.name = point.backend + (data.another.includes(point.backend) ? ' (another model)' : '');
    });
    const wide = body.clientWidth >= 800;
    const label = format.metric(data, metric).label;
    const open = (series) => {
        window.location.hash = format.history(data, series);
    };

    charts.draw(
        body,
        format.title(data, miss)
            + ' against '
            + label
            + ' for '
            + setting
            + '; the Pareto front is '
            + front.map((point) => point.backend).join(', ')
            + (tie ? ' (rates that differ by up to ' + format.value(data, miss, tie) + ' are a tie)' : ''),
        {
            tooltip: {
                formatter: (item) =>
                    item.data.point
                        ? [
                              item.data.point.backend,
                              format.metric(data, miss).label + ' ' + format.value(data, miss, item.data.point.miss),
                              label + ' ' + format.value(data, metric, item.data.point.cost),
                          ]
                              .map((text) => window.echarts.format.encodeHTML(text))
                              .join('<br>')
                        : '',
            },
            legend: wide
                ? {type: 'scroll', orient: 'vertical', right: 0, top: 0, bottom: 0, itemGap: 6}
                : {show: false},
            grid: {left: 36, right: wide ? 290 : 36, top: 52, bottom: 48, containLabel: true},
            xAxis: charts.axis(data, metric, {type: 'log', logBase: 2, nameGap: 30}),
            yAxis: charts.axis(data, miss, {nameGap: 60}),
            series: [
                {
                    name: 'Pareto front',
                    type: 'line',
                    step: 'end',
                    symbol: 'none',
                    lineStyle: {type: 'dashed'},
                    data: front.map((point) => [point.cost, point.miss]),
                },
                ...points.map((point) => ({
                    name: point.number + '  ' + point.name,
                    type: 'scatter',
                    symbol: point.front ? 'diamond' : 'circle',
                    symbolSize: point.front ? 16 : 11,
                    /* Labels that would lie on each other move up, and a line leads to the point. */
                    label: {
                        show: true,
                        position: 'top',
                        distance: 12 + 14 * (point.number % 2),
                        formatter: String(point.number),
                    },
                    labelLine: {show: true, lineStyle: {width: 1}},
                    labelLayout: {moveOverlap: 'shiftY', hideOverlap: false},
                    data: [{value: [point.cost, point.miss], point: point}],
                })),
            ],
        },
        emch.asv ? (item) => item.data.point && open(item.data.point.series) : null,
    );
    tables.table(
        body,
        format.title(data, miss) + ' against ' + label,
        [
            {label: 'no.', value: (row) => row.number, number: true},
            {
                label: 'backend',
                value: (row) => row.backend,
                header: true,
                show: (row) => (emch.asv ? h('a', {href: format.history(data, row.series)}, row.name) : row.name),
            },
            {
                label: label,
                value: (row) => row.cost,
                number: true,
                show: (row) => format.withHalf(data, metric, row.cost, row.half),
            },
            {
                label: format.metric(data, miss).label,
                value: (row) => row.miss,
                number: true,
                show: (row) => format.value(data, miss, row.miss),
            },
            {label: 'Pareto front', value: (row) => (row.front ? 'on it' : '')},
            ...(new Set(points.map((point) => point.series.stack)).size > 1
                ? [{label: 'stack', value: (row) => row.series.stack}]
                : []),
            tables.commit((row) => row.series),
        ],
        points,
    );
    return [
        ...made,
        controls.choice(view, 'of', 'Measurement', settings, setting),
        controls.choice(view, 'cost', 'Against', metrics, metric, (name) => format.metric(data, name).label),
    ];
};

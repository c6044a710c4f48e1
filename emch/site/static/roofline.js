'use strict';

/* What each backend computes in a second, against the machine's measured peak at its precision. */
emch.pages.roofline = (view, body) => {
    const {h, format, controls, charts, tables} = emch;
    const data = view.data;
    const achieved = data.series.filter((each) => each.metric === 'flop_per_second' && each.backend);
    if (!achieved.length) {
        emch.empty(body, 'No arithmetic was counted.', 'emch track');
        return [];
    }
    const {series: here, controls: made} = controls.place(view, achieved);
    const settings = emch.unique(here.map((each) => each.setting)).sort();
    const setting = view.get('of', settings, emch.opening(data, 'arithmetic', here)?.setting);
    const peaks = new Map();
    data.series
        .filter((each) => each.metric === 'gemm_flop_per_second' && each.machine === here[0].machine)
        .forEach((each) => {
            const precision = data.precisions[each.backend];
            if (!peaks.has(precision) || each.value > peaks.get(precision).value) {
                peaks.set(precision, each);
            }
        });
    const rows = here
        .filter((each) => each.setting === setting)
        .map((each) => {
            const precision = data.precisions[each.backend];
            const peak = peaks.get(precision);
            return {series: each, precision: precision, peak: peak, share: peak && each.value / peak.value};
        })
        .sort((one, other) => one.series.value - other.series.value);

    if (!peaks.size) {
        emch.empty(body, 'The peak of this machine was not measured.', 'emch track');
    }
    const flops = 'flop_per_second';
    const bar = (value, color) => ({value: value, itemStyle: {color: color}});
    const precisions = emch.unique(rows.map((row) => row.precision));
    charts.draw(body, 'Arithmetic of each backend and the peak of its precision, ' + setting, {
        tooltip: {trigger: 'axis', valueFormatter: (value) => format.value(data, flops, value)},
        grid: {left: 40, right: 56, top: 40, bottom: 48, containLabel: true},
        xAxis: charts.axis(data, flops, {min: 0, nameGap: 30}),
        yAxis: {type: 'category', data: rows.map((row) => row.series.backend)},
        series: [
            {
                name: 'achieved',
                type: 'bar',
                data: rows.map((row) => bar(row.series.value, charts.look(precisions.indexOf(row.precision)).color)),
            },
            {
                name: 'peak of the precision',
                type: 'scatter',
                symbol: 'rect',
                symbolSize: [3, 18],
                itemStyle: {color: '#777777'},
                data: rows.flatMap((row) => (row.peak ? [[row.peak.value, row.series.backend]] : [])),
            },
        ],
    });
    body.append(
        h(
            'p',
            {class: 'emch-note'},
            'Operations are those of the model’s matrix products for tokens that are no ',
            'padding, a multiplication with its addition being two. The peak is the fastest square matrix product that was ',
            'measured on this machine: ',
            [...peaks]
                .map(([precision, peak]) => precision + ' ' + format.withHalf(data, peak.metric, peak.value, peak.half))
                .join(', ') || 'none',
            '.',
        ),
    );
    tables.table(
        body,
        'Share of the peak',
        [
            {label: 'backend', value: (row) => row.series.backend, header: true},
            {label: 'precision', value: (row) => row.precision},
            {
                label: 'achieved',
                value: (row) => row.series.value,
                number: true,
                show: (row) => format.value(data, flops, row.series.value),
            },
            {
                label: 'peak',
                value: (row) => row.peak?.value,
                number: true,
                show: (row) => (row.peak ? format.value(data, flops, row.peak.value) : ''),
            },
            {
                label: 'of the peak',
                value: (row) => row.share,
                number: true,
                show: (row) => (row.share === undefined ? '' : format.digits(100 * row.share, 2) + ' %'),
            },
            tables.commit((row) => row.series),
        ],
        rows.slice().reverse(),
    );
    return [...made, controls.choice(view, 'of', 'Measurement', settings, setting)];
};

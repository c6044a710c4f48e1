'use strict';

/* Latency percentiles against the rate at which requests arrive, and the knee of each line. */
emch.pages.load = (view, body) => {
    const {h, format, controls, charts, tables} = emch;
    const data = view.data;
    const PERCENTILES = ['median_s', 'p90_s', 'p95_s', 'p99_s'];
    const SERVED = 0.95; /* of the offered rate; a backend that achieves less is overloaded */
    const MOST_LATE = 0.01; /* as emch/scenarios/outcome.py has it */

    const offered = data.series.filter((each) => each.metric === 'offered_rate' && each.backend);
    if (!offered.length) {
        emch.empty(body, 'No load at a rate was measured.', 'emch track');
        return [];
    }
    const {series: here, controls: made} = controls.place(view, offered);
    const settingOf = (each) => format.setting(each, ['backend', 'request_rate']);
    const settings = emch.unique(here.map(settingOf)).sort();
    const opened = emch.opening(data, 'load', here);
    const setting = view.get('of', settings, opened && settingOf(opened));
    const runs = runsOf(here.filter((each) => settingOf(each) === setting));
    const rates = emch.unique(runs.map((run) => run.offered_rate)).sort((one, other) => one - other);
    const backends = emch.unique(runs.map((run) => run.backend));
    const percentiles = PERCENTILES.filter((metric) => runs.some((run) => metric in run));
    const percentile = view.get('percentile', percentiles, 'p95_s');
    const chosen = view.get('backend', ['all', ...backends]);
    const lines =
        chosen === 'all'
            ? backends.map((backend, place) => lineOf(backend, backend, percentile, place))
            : percentiles.map((metric, place) => lineOf(words(metric), chosen, metric, place));
    const what = (chosen === 'all' ? words(percentile) : chosen) + ', ' + setting;

    /* The metrics of the run behind each offered rate, by backend and from the lowest rate on. */
    function runsOf(series) {
        const keyOf = (each) => JSON.stringify([each.machine, each.stack, each.class, each.params]);
        const found = new Map(series.map((each) => [keyOf(each), {series: each, backend: each.backend}]));
        data.series.forEach((each) => {
            const run = found.get(keyOf(each));
            if (run) {
                run[each.metric] = each.value;
            }
        });
        found.forEach((run) => {
            run.overloaded = run.achieved_rate < SERVED * run.offered_rate;
            run.late = run.late_share > MOST_LATE && !run.overloaded;
        });
        return [...found.values()].sort(
            (one, other) => one.backend.localeCompare(other.backend) || one.offered_rate - other.offered_rate,
        );
    }

    /* A line has the runs that have its percentile. */
    function lineOf(name, backend, metric, place) {
        const own = runs.filter((run) => run.backend === backend && metric in run);
        return {name: name, metric: metric, runs: own, knee: kneeOf(own, metric), look: charts.look(place)};
    }

    /* Where the achieved rate divided by the latency is greatest: Kleinrock's power of a queue (1979). */
    function kneeOf(own, metric) {
        if (own.length < 3) {
            return null;
        }
        const power = own.map((run) => run.achieved_rate / run[metric]);
        const place = power.indexOf(Math.max(...power));
        const side = place === 0 ? 'at most ' : place === own.length - 1 ? 'at least ' : '';
        return {run: own[place], side: side};
    }

    function words(metric) {
        return metric === 'median_s' ? 'p50' : format.metric(data, metric).label;
    }

    function drawn(line) {
        const {color, symbol, dash} = line.look;
        const at = (run) => [run.offered_rate, run[line.metric]];
        return {
            name: line.name,
            type: 'line',
            symbol: symbol,
            symbolSize: 9,
            itemStyle: {color: color, borderWidth: 2},
            lineStyle: {color: color, type: dash},
            data: line.runs.map((run) => ({
                value: at(run),
                itemStyle: run.overloaded ? {color: 'transparent', borderColor: color} : {},
            })),
            markPoint: {
                silent: true,
                symbol: 'circle',
                symbolSize: 20,
                itemStyle: {color: 'transparent', borderColor: color, borderWidth: 2},
                label: {show: false},
                data: line.knee && !line.knee.side ? [{coord: at(line.knee.run)}] : [],
            },
        };
    }

    const number = (label, value, show) => ({label: label, value: value, number: true, show: show});
    const shown = (run, metric) => (metric in run ? format.value(data, metric, run[metric]) : 'n/a');
    const most = (line) => Math.max(...line.runs.map((run) => run.achieved_rate));
    const busy = runs.filter((run) => run.late).length;
    if (busy) {
        body.append(
            h(
                'p',
                {class: 'emch-warning'},
                'In ' + busy + ' of ' + runs.length + ' runs the load generator itself sent more than 1 % of the ',
                'requests late, which makes their latencies longer; the table says in which.',
            ),
        );
    }
    charts.draw(body, 'Latency against the offered rate: ' + what, {
        tooltip: {trigger: 'axis', valueFormatter: (value) => format.value(data, percentile, value)},
        xAxis: {
            type: 'log',
            name: 'offered rate, requests per second',
            nameLocation: 'middle',
            nameGap: 30,
            min: rates[0] * 0.9,
            max: rates[rates.length - 1] * 1.1,
            axisTick: {customValues: rates},
            axisLabel: {customValues: rates, formatter: (rate) => format.digits(rate), hideOverlap: true},
        },
        yAxis: charts.axis(data, percentile, {type: 'log', name: 'latency', nameGap: 80}),
        series: lines.map(drawn),
    });
    body.append(
        h(
            'p',
            {class: 'emch-note'},
            'A ring marks the knee of a line: of the offered rates that were measured, the one at which the achieved rate ',
            'divided by the latency is greatest (Kleinrock’s power, 1979). Below it more requests cost little latency, and ',
            'beyond it the latency grows faster than what is achieved. A hollow symbol is an overloaded backend: it achieved ',
            'less than 95 % of the offered rate, and its latency grows with the length of the run. Rates far beyond that ',
            'have no latency. A percentile is there where the run has requests enough for its upper bound.',
        ),
    );
    tables.table(
        body,
        'Knees: ' + what,
        [
            {label: chosen === 'all' ? 'backend' : 'percentile', value: (line) => line.name, header: true},
            number(
                'knee',
                (line) => line.knee?.run.offered_rate,
                (line) => (line.knee ? line.knee.side + format.digits(line.knee.run.offered_rate) : 'n/a'),
            ),
            number(
                'latency there',
                (line) => line.knee?.run[line.metric],
                (line) => (line.knee ? shown(line.knee.run, line.metric) : 'n/a'),
            ),
            number('most achieved', most, (line) => format.digits(most(line))),
        ],
        lines,
    );
    tables.table(
        body,
        'Runs: ' + setting,
        [
            {label: 'backend', value: (run) => run.backend, header: true},
            ...['offered_rate', 'achieved_rate'].map((metric) =>
                number(
                    format.metric(data, metric).label,
                    (run) => run[metric],
                    (run) => format.digits(run[metric]),
                ),
            ),
            ...percentiles.map((metric) =>
                number(
                    words(metric),
                    (run) => run[metric],
                    (run) => shown(run, metric),
                ),
            ),
            number(
                'sent late',
                (run) => run.late_share,
                (run) => h('span', {class: run.late ? 'emch-worse' : null}, shown(run, 'late_share')),
            ),
            {label: 'state', value: (run) => (run.overloaded ? 'overloaded' : '')},
            tables.commit((run) => run.series),
        ],
        runs.filter((run) => chosen === 'all' || run.backend === chosen),
    );
    return [
        ...made,
        controls.choice(view, 'of', 'Measurement', settings, setting),
        controls.choice(view, 'percentile', 'Percentile', percentiles, percentile, words),
        controls.choice(view, 'backend', 'Backend', ['all', ...backends], chosen),
    ];
};

'use strict';

/* What is fastest, leanest and right, and what the newest commit changed. */
emch.pages.overview = (view, body) => {
    const {h, format, controls, tables} = emch;
    const data = view.data;
    const QUESTIONS = [
        ['Latency', ['median_s', 'elapsed_s', 'wall_s'], 'latency'],
        ['Throughput', ['tokens_per_second', 'sentences_per_second', 'encode_s'], 'throughput'],
        ['Memory', ['peak_rss_bytes', 'rss_after_load_bytes'], 'memory'],
    ];

    /* The least hit rate of each backend over its cells of the dataset that decides, else all. */
    function accuracies(series) {
        const hits = series.filter((each) => each.metric === 'hit_rate');
        const real = hits.filter(emch.opens(data, 'judged'));
        const found = new Map();
        (real.length ? real : hits).forEach((each) => {
            found.set(each.backend, Math.min(each.value, found.get(each.backend) ?? Infinity));
        });
        return found;
    }

    /* The cells of one setting, best first; one setting for each answer, so that they compare. */
    function ranked(series, metrics, what) {
        const metric = metrics.find((name) => series.some((each) => each.metric === name));
        const having = series.filter((each) => each.metric === metric && each.backend);
        const settings = emch.unique(having.map((each) => each.setting));
        const setting = emch.opening(data, what, having)?.setting ?? settings[0];
        const sign = format.metric(data, metric).better === 'lower' ? 1 : -1;
        return having.filter((each) => each.setting === setting).sort((one, other) => sign * (one.value - other.value));
    }

    function card(title, cells, allowed) {
        const best = cells.find((each) => allowed(each.backend));
        const parts = [h('h3', {}, title)];
        if (!best) {
            parts.push(
                h(
                    'p',
                    {class: 'emch-empty'},
                    cells.length ? 'No backend is that accurate.' : 'Not measured: run ',
                    cells.length ? '' : h('code', {}, 'emch track'),
                ),
            );
            return h('section', {class: 'emch-card'}, parts);
        }
        const baseline = cells.find((each) => each.backend === data.baseline);
        const second = cells.filter((each) => allowed(each.backend))[1];
        parts.push(
            h('p', {class: 'emch-best'}, best.backend),
            h(
                'p',
                {},
                format.withHalf(data, best.metric, best.value, best.half),
                ' ',
                format.metric(data, best.metric).label,
            ),
            h('p', {class: 'emch-note'}, best.setting, ', commit ', h('code', {}, format.short(best.commit))),
        );
        if (baseline && baseline !== best) {
            parts.push(
                h('p', {class: 'emch-note'}, format.digits(best.value / baseline.value) + ' of ' + data.baseline),
            );
        }
        if (second) {
            parts.push(
                h(
                    'p',
                    {class: 'emch-note'},
                    'then ' + second.backend + ', ' + format.value(data, second.metric, second.value),
                ),
            );
        }
        return h('section', {class: 'emch-card'}, parts);
    }

    function changes(series) {
        const judged = series.filter((each) => each.change);
        body.append(h('h2', {}, 'What the newest commit changed'));
        if (!judged.length) {
            emch.empty(
                body,
                'There is one commit only, so there is nothing to compare it with.',
                'asv run NEW && asv publish',
            );
            return;
        }
        const count = (word) => judged.filter((each) => each.change.verdict === word).length;
        const {commit} = judged[0];
        body.append(
            h(
                'p',
                {},
                'Commit ',
                h('code', {}, format.short(commit)),
                ' against the one before it that has the ',
                'figure: ',
                ['worse', 'better', 'same', 'unclear'].map((word) => count(word) + ' ' + word).join(', '),
                '. ',
                'The intervals hold for all of them together, with a chance of 1 % that any is wrong; they come from ',
                'how much each metric moved from commit to commit before.',
            ),
        );
        const marked = judged.filter((each) => ['worse', 'better'].includes(each.change.verdict));
        if (!marked.length) {
            body.append(h('p', {}, 'Nothing changed beyond noise.'));
            return;
        }
        marked.sort(
            (one, other) =>
                other.change.verdict.localeCompare(one.change.verdict)
                || Math.abs(Math.log(other.change.ratio)) - Math.abs(Math.log(one.change.ratio)),
        );
        tables.table(
            body,
            'Changes beyond noise',
            [
                {
                    label: 'verdict',
                    value: (row) => row.change.verdict,
                    show: (row) => h('span', {class: 'emch-' + row.change.verdict}, row.change.verdict),
                },
                {label: 'backend', value: (row) => row.backend, header: true},
                {label: 'metric', value: (row) => format.metric(data, row.metric).label},
                {label: 'of', value: (row) => row.setting},
                {
                    label: 'now',
                    value: (row) => row.value,
                    number: true,
                    show: (row) => format.value(data, row.metric, row.value),
                },
                {
                    label: 'change',
                    value: (row) => row.change.ratio,
                    number: true,
                    show: (row) => format.percent(row.change.ratio),
                },
                {
                    label: 'interval',
                    value: (row) => row.change.low,
                    number: true,
                    show: (row) => format.percent(row.change.low) + ' to ' + format.percent(row.change.high),
                },
                {
                    label: 'before',
                    value: (row) => row.change.from,
                    show: (row) => h('code', {}, format.short(data.commits[row.change.from])),
                },
                {label: 'what differs', value: (row) => row.change.why},
            ],
            marked,
        );
    }

    const {series, controls: made} = controls.place(view, data.series);
    const accuracy = accuracies(series);
    const rates = [...accuracy.values()];
    let least = -Infinity;
    if (rates.length) {
        const range = {min: Math.min(...rates), max: Math.max(...rates)};
        least = Math.min(range.max, Math.max(range.min, view.number('hitrate', range.min)));
        made.push(
            controls.slider(view, 'hitrate', format.title(data, 'hit_rate') + ' at least', range, least, (value) =>
                format.value(data, 'hit_rate', value),
            ),
        );
    }
    const allowed = (backend) => !rates.length || (accuracy.get(backend) ?? -Infinity) >= least;
    const left = [...accuracy].filter(([backend]) => !allowed(backend)).map(([backend]) => backend);
    body.append(h('h2', {}, 'Best backend'));
    body.append(
        h(
            'div',
            {class: 'emch-cards'},
            QUESTIONS.map(([title, metrics, what]) => card(title, ranked(series, metrics, what), allowed)),
        ),
    );
    if (left.length) {
        body.append(h('p', {class: 'emch-note'}, 'Left out, less accurate than that: ' + left.join(', ') + '.'));
    }
    emch.drawHistory(view, body, series, allowed);
    changes(series);
    return made;
};

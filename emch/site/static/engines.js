'use strict';

/* Backends by what was measured of them: the newest figures, as they are or relative to a baseline. */
emch.pages.engines = (view, body) => {
    const {h, format, controls, tables} = emch;
    const data = view.data;
    const METRICS = [
        'median_s',
        'wall_s',
        'encode_s',
        'tokens_per_second',
        'load_s',
        'first_call_s',
        'peak_rss_bytes',
        'hit_rate',
    ];
    const EACH = {median_s: 2}; /* settings of a metric that have a column; of the others one has */
    const COVERS = {
        network: ['', 'tokens to hidden states'],
        pooling: ['†', 'pooling is in the call'],
        texts: ['‡', 'tokenizer and pooling are in the call'],
    };
    const having = data.series.filter((each) => each.backend && METRICS.includes(each.metric));
    if (!having.length) {
        emch.empty(body, 'No backend was measured.', 'emch track');
        return [];
    }
    const {series, controls: made} = controls.place(view, having, true);
    const count = (metric, setting) =>
        series.filter((each) => each.metric === metric && each.setting === setting).length;

    /* The settings that most backends have, and of those the ones that pages open with. */
    function settingsOf(metric) {
        const own = series.filter((each) => each.metric === metric);
        const opened = ['judged', 'latency'].flatMap((what) => emch.opening(data, what, own)?.setting ?? []);
        const rank = (setting) => 1000 * count(metric, setting) + (opened.includes(setting) ? 500 : 0);
        const settings = emch.unique(own.map((each) => each.setting));
        return settings.sort((one, other) => rank(other) - rank(one)).slice(0, EACH[metric] ?? 1);
    }

    const columns = METRICS.flatMap((metric) => settingsOf(metric).map((setting) => ({metric, setting})));
    const find = (backend, column) =>
        series.find(
            (each) => each.backend === backend && each.metric === column.metric && each.setting === column.setting,
        );
    const backends = emch.unique(series.map((each) => each.backend)).sort();
    const baseline = view.get('baseline', ['none', ...backends], 'none');

    function shown(row, column) {
        const found = find(row.backend, column);
        if (!found) {
            return null;
        }
        const base = find(baseline, column);
        return base ? found.value / base.value : found.value;
    }

    function textOf(row, column) {
        const number = shown(row, column);
        if (number === null) {
            return '';
        }
        const mark = column.metric === 'median_s' ? COVERS[data.covers[row.backend] ?? 'network'][0] : '';
        const text = find(baseline, column) ? format.digits(number) : format.value(data, column.metric, number);
        return text + mark;
    }

    tables.table(
        body,
        'The newest figure of each backend' + (baseline === 'none' ? '' : ', relative to ' + baseline),
        [
            {label: 'backend', value: (row) => row.backend, header: true},
            ...columns.map((column) => ({
                label: format.metric(data, column.metric).label + ', ' + column.setting,
                value: (row) => shown(row, column),
                number: true,
                show: (row) => textOf(row, column),
            })),
        ],
        backends.map((backend) => ({backend: backend})),
    );
    body.append(
        h(
            'p',
            {class: 'emch-note'},
            'A latency is that of one call, and calls do not all do the same: without a mark it is '
                + COVERS.network[1]
                + '; '
                + [COVERS.pooling, COVERS.texts].map(([mark, words]) => mark + ' ' + words).join('; ')
                + '. Wall time, encoding and the rest have all of it in every backend.',
        ),
    );
    return [...made, controls.choice(view, 'baseline', 'Relative to', ['none', ...backends], baseline)];
};

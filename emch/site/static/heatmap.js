'use strict';

/* Backends against batch sizes, as a table with colours: it sorts, and a screen reader reads it. */
emch.pages.heatmap = (view, body) => {
    const {h, format, controls, tables} = emch;
    const data = view.data;
    /* Nunez, Anderton and Renslow 2018, cividis at five points: even steps with any colour vision. */
    const CIVIDIS = [
        [0, 34, 78],
        [66, 78, 108],
        [124, 123, 120],
        [188, 175, 111],
        [254, 232, 56],
    ];

    function color(share) {
        const at = Math.min(0.9999, Math.max(0, share)) * (CIVIDIS.length - 1);
        const low = CIVIDIS[Math.floor(at)];
        const high = CIVIDIS[Math.floor(at) + 1];
        const rgb = low.map((from, channel) => Math.round(from + (at % 1) * (high[channel] - from)));
        const dark = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] < 128;
        return 'background:rgb(' + rgb.join(',') + ');color:' + (dark ? '#fff' : '#000');
    }

    const grids = data.series.filter((each) => each.params.batch_size && each.backend);
    if (!grids.length) {
        emch.empty(body, 'No benchmark has backends and batch sizes.', 'emch track');
        return [];
    }
    const {series: here, controls: made} = controls.place(view, grids);
    const groupOf = (each) => format.setting(each, ['backend', 'batch_size']);
    const groups = emch.unique(here.map(groupOf)).sort();
    const sizesOf = (group) =>
        new Set(here.filter((each) => groupOf(each) === group).map((each) => each.params.batch_size)).size;
    const widest = groups.slice().sort((one, other) => sizesOf(other) - sizesOf(one))[0];
    const group = view.get('of', groups, widest);
    const inGroup = here.filter((each) => groupOf(each) === group);
    const metrics = emch.unique(inGroup.map((each) => each.metric));
    const metric = view.get('metric', metrics, 'wall_s');
    const cells = inGroup.filter((each) => each.metric === metric);
    const backends = emch.unique(cells.map((each) => each.backend));
    const bases = ['absolute', ...backends];
    const base = view.get('relative', bases);
    const batches = emch.unique(cells.map((each) => each.params.batch_size)).sort((one, other) => one - other);
    const found = new Map(cells.map((each) => [each.backend + ' ' + each.params.batch_size, each]));
    const value = (backend, batch) => {
        const cell = found.get(backend + ' ' + batch);
        if (!cell || base === 'absolute') {
            return cell?.value;
        }
        const reference = found.get(base + ' ' + batch);
        return reference && cell.value / reference.value;
    };
    const every = cells
        .map((each) => value(each.backend, each.params.batch_size))
        .filter((each) => each !== undefined && each > 0)
        .map(Math.log);
    const [low, high] = [Math.min(...every), Math.max(...every)];
    const higher = format.metric(data, metric).better === 'higher';
    const shade = (number) => {
        const share = high > low ? (Math.log(number) - low) / (high - low) : 0.5;
        return color(higher ? share : 1 - share);
    };
    const show = (number) =>
        number === undefined ? '' : base === 'absolute' ? format.value(data, metric, number) : format.digits(number);

    made.push(
        controls.choice(view, 'of', 'Measurement', groups, group),
        controls.choice(view, 'metric', 'Metric', metrics, metric, (name) => format.metric(data, name).label),
        controls.choice(view, 'relative', 'Relative to', bases, base),
    );
    const label = format.metric(data, metric).label;
    body.append(
        h(
            'p',
            {class: 'emch-note'},
            'Bright is better, on a logarithmic scale; ',
            higher ? 'higher' : 'lower',
            ' is better here. Press a heading to sort.',
        ),
    );
    tables.table(
        body,
        label + (base === 'absolute' ? '' : ', relative to ' + base) + ': backend by batch size',
        [
            {label: 'backend', value: (backend) => backend, header: true},
            ...batches.map((batch) => ({
                label: 'batch ' + batch,
                number: true,
                value: (backend) => value(backend, batch),
                show: (backend) => show(value(backend, batch)),
                style: (backend) => (value(backend, batch) > 0 ? shade(value(backend, batch)) : null),
            })),
            {
                label: 'commit',
                value: (backend) => cells.find((each) => each.backend === backend).commit,
                show: (backend) =>
                    h(
                        'code',
                        {},
                        emch
                            .unique(
                                cells
                                    .filter((each) => each.backend === backend)
                                    .map((each) => format.short(each.commit)),
                            )
                            .join(' '),
                    ),
            },
        ],
        backends,
    );
    return made;
};

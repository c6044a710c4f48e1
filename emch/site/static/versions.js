'use strict';

/* A dependency's releases in version order on the x axis, a line for each backend and batch size. */
emch.pages.versions = (view, body) => {
    const {h, format, controls, charts, tables} = emch;
    const data = view.data;

    const outdated = new Map(data.stacks.map((stack) => [stack.label, stack.outdated]));
    /* A stack's figures from before one of its pins moved are of another release of it. */
    const having = (name) =>
        data.series.filter(
            (each) =>
                each.backend
                && data.releases[name].includes(each.stack)
                && !outdated.get(each.stack)[each.commit]?.includes(name),
        );
    const stacksOf = (cells) => new Set(cells.map((each) => each.stack)).size;
    const names = Object.keys(data.releases).filter((name) => stacksOf(having(name)) > 1);
    if (!names.length) {
        emch.empty(body, 'No two stacks with different releases were measured.', 'emch track');
        return [];
    }
    const name = view.get('dependency', names, 'onnxruntime');
    const every = having(name);
    const machines = emch.machines(every);
    /* The machine with the longest history of releases comes first, and not the newest one. */
    const lengthOf = (name) => stacksOf(every.filter((each) => each.machine === name));
    const longest = machines.slice().sort((one, other) => lengthOf(other) - lengthOf(one))[0];
    const machine = view.get('machine', machines, longest);
    const here = every.filter((each) => each.machine === machine);
    const settingOf = (each) => format.setting(each, ['backend', 'batch_size']);
    const lineOf = (each) => each.backend + (each.params.batch_size ? ', batch ' + each.params.batch_size : '');
    /* What has one release alone is compared with nothing. */
    const compared = (cells) =>
        emch.unique(cells.map(lineOf)).filter((line) => stacksOf(cells.filter((each) => lineOf(each) === line)) > 1);
    const settings = emch
        .unique(here.map(settingOf))
        .filter((setting) => compared(here.filter((each) => settingOf(each) === setting)).length)
        .sort();
    if (!settings.length) {
        emch.empty(body, 'No cell was measured with two releases of ' + name + '.', 'emch track');
        return [controls.choice(view, 'dependency', 'Dependency', names, name)];
    }
    const opened = emch.opening(data, 'releases', here);
    const setting = view.get('of', settings, opened && settingOf(opened));
    const inSetting = here.filter((each) => settingOf(each) === setting);
    const metrics = emch.unique(inSetting.map((each) => each.metric));
    const metric = view.get('metric', metrics, metrics.includes('median_s') ? 'median_s' : 'wall_s');
    const ofMetric = inSetting.filter((each) => each.metric === metric);
    const shown = compared(ofMetric);
    const cells = ofMetric.filter((each) => shown.includes(lineOf(each)));
    const labels = data.releases[name].filter((label) => cells.some((each) => each.stack === label));
    const pins = new Map(data.stacks.map((stack) => [stack.label, stack.pins]));
    const release = (label) => pins.get(label)[name];
    const twice = (label) => labels.filter((other) => release(other) === release(label)).length > 1;
    const tick = (label) => (twice(label) ? release(label) + '\n' + label : release(label));
    const noise = emch.noise.of(data, machine, metric);

    const rows = [];
    const lines = [];
    shown.forEach((line, place) => {
        const look = charts.look(place);
        const own = labels.map((label) => cells.find((each) => lineOf(each) === line && each.stack === label));
        const measured = own.filter(Boolean);
        const jumps = [];
        measured.forEach((each, index) => {
            const before = measured[index - 1];
            const jumped = Boolean(before) && emch.noise.jumped(noise, before.value, each.value);
            if (jumped) {
                jumps.push(emch.noise.mark(labels.indexOf(each.stack), before.value, each.value));
            }
            rows.push({series: each, before: before, jumped: jumped});
        });
        lines.push({
            name: line,
            type: 'line',
            connectNulls: true,
            symbolSize: 8,
            symbol: look.symbol,
            itemStyle: {color: look.color},
            lineStyle: {color: look.color, type: look.dash},
            data: own.map((each) => (each ? each.value : null)),
            markPoint: {data: jumps, symbolSize: 44, label: {fontSize: 10, formatter: '{c}'}},
        });
        lines.push(
            charts.errorBars(
                own.flatMap((each, index) =>
                    each && each.half !== null ? [[index, each.value - each.half, each.value + each.half]] : [],
                ),
                look.color,
            ),
        );
    });

    charts.draw(body, format.metric(data, metric).label + ' over releases of ' + name + ', ' + setting, {
        tooltip: {trigger: 'axis', valueFormatter: (value) => format.value(data, metric, value)},
        xAxis: {
            type: 'category',
            data: labels.map(tick),
            name: name,
            nameLocation: 'middle',
            nameGap: 40,
            axisLabel: {lineHeight: 16},
        },
        yAxis: charts.axis(data, metric, {nameGap: 70}),
        series: lines,
    });
    body.append(
        h(
            'p',
            {class: 'emch-note'},
            'Error bars are asv’s 99 % confidence intervals of the median within one ',
            'launch. ',
            noise
                ? 'A jump is marked where two neighbouring releases differ by more than ' + emch.noise.words(noise)
                : 'Jumps are not marked: too few commits were measured to know how much this metric moves from launch to launch.',
        ),
    );
    tables.table(
        body,
        'Releases of ' + name,
        [
            {label: 'backend', value: (row) => lineOf(row.series), header: true},
            {label: 'release', value: (row) => release(row.series.stack)},
            {label: 'stack', value: (row) => row.series.stack},
            {
                label: format.metric(data, metric).label,
                value: (row) => row.series.value,
                number: true,
                show: (row) => format.withHalf(data, metric, row.series.value, row.series.half),
            },
            {
                label: 'to the release before',
                value: (row) => row.before && row.series.value / row.before.value,
                number: true,
                show: (row) => (row.before ? format.percent(row.series.value / row.before.value) : ''),
            },
            {
                label: 'jump',
                value: (row) => (row.jumped ? 'beyond noise' : ''),
                show: (row) => (row.jumped ? h('strong', {class: 'emch-jump'}, 'beyond noise') : ''),
            },
            tables.commit((row) => row.series),
        ],
        rows,
    );
    return [
        controls.choice(view, 'machine', 'Machine', machines, machine),
        controls.choice(view, 'dependency', 'Dependency', names, name),
        controls.choice(view, 'of', 'Measurement', settings, setting),
        controls.choice(view, 'metric', 'Metric', metrics, metric, (each) => format.metric(data, each).label),
    ];
};

'use strict';

/* How the best backends moved over commits, with a mark wherever one moved beyond noise. */
emch.drawHistory = (view, body, series, allowed) => {
    const {h, format, charts} = emch;
    const data = view.data;
    const METRICS = ['wall_s', 'median_s', 'encode_s'];
    const BEST = 3;

    body.append(h('h2', {}, 'The best over commits'));
    const long = series.filter(
        (each) => each.points.length > 1 && METRICS.includes(each.metric) && each.backend && allowed(each.backend),
    );
    if (!long.length) {
        emch.empty(body, 'No backend was measured at two commits yet.', 'emch track');
        return;
    }
    const kindOf = (each) => each.metric + ' ' + each.setting + ' ' + each.stack;
    const commitsOf = (cells) => emch.unique(cells.flatMap((each) => each.points.map(([place]) => place)));
    const kinds = emch.unique(long.map(kindOf)).map((kind) => long.filter((each) => kindOf(each) === kind));
    const weight = (cells) => [commitsOf(cells).length, -METRICS.indexOf(cells[0].metric), cells.length];
    kinds.sort((one, other) => {
        const [first, second] = [weight(one), weight(other)];
        const place = first.findIndex((number, index) => number !== second[index]);
        return place < 0 ? 0 : second[place] - first[place];
    });
    const opened = kinds.find((cells) => cells.some(emch.opens(data, 'judged')));
    const ranked = (opened ?? kinds[0]).toSorted((one, other) => one.value - other.value);
    const baseline = ranked.slice(BEST).filter((each) => each.backend === data.baseline);
    const chosen = [...ranked.slice(0, BEST), ...baseline];
    const {metric, setting, machine, stack} = chosen[0];
    const noise = emch.noise.of(data, machine, metric);
    const places = commitsOf(chosen).sort((one, other) => one - other);

    /* The points that differ from the one before by more than launches of one commit do. */
    function marks(points) {
        return points.slice(1).flatMap(([place, value], index) => {
            const before = points[index][1];
            return emch.noise.jumped(noise, before, value)
                ? [emch.noise.mark(places.indexOf(place), before, value)]
                : [];
        });
    }

    charts.draw(body, format.title(data, metric) + ' over commits, ' + setting + ', stack ' + stack, {
        tooltip: {trigger: 'axis', valueFormatter: (value) => format.value(data, metric, value)},
        xAxis: {
            type: 'category',
            data: places.map((place) => format.short(data.commits[place])),
            name: 'commit',
            nameLocation: 'middle',
            nameGap: 30,
        },
        yAxis: charts.axis(data, metric, {nameGap: 60, min: 0}),
        series: chosen.map((each, index) => {
            const look = charts.look(index);
            const values = new Map(each.points.map(([place, value]) => [place, value]));
            return {
                name: each.backend,
                type: 'line',
                connectNulls: true,
                symbol: look.symbol,
                symbolSize: 8,
                itemStyle: {color: look.color},
                lineStyle: {color: look.color, type: look.dash},
                data: places.map((place) => values.get(place) ?? null),
                markPoint: {data: marks(each.points), symbolSize: 40, label: {fontSize: 10, formatter: '{c}'}},
            };
        }),
    });
    body.append(
        h(
            'p',
            {class: 'emch-note'},
            noise
                ? 'A mark is a change by more than ' + emch.noise.words(noise)
                : 'No change is marked: too few commits were measured to know how much this metric moves by itself.',
        ),
    );
};

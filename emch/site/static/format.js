'use strict';

/* Values, intervals and names as people read them. */
emch.format = (function () {
    const HASH_DIGITS = 8;

    /* Three significant digits, and no exponent where one can do without. */
    function digits(value, count = 3) {
        if (!Number.isFinite(value)) {
            return '';  // such as the ratio of two miss rates of 0
        }
        if (value === 0) {
            return '0';
        }
        const size = Math.floor(Math.log10(Math.abs(value)));
        const places = Math.max(0, count - 1 - size);
        return places > 9 ? value.toExponential(count - 1)
            : value.toLocaleString('en', {minimumFractionDigits: places, maximumFractionDigits: places});
    }

    function scaled(value, steps) {
        const step = steps.find(([least]) => Math.abs(value) >= least) || steps[steps.length - 1];
        return digits(value / step[1]) + ' ' + step[2];
    }

    const SECONDS = [[1, 1, 's'], [1e-3, 1e-3, 'ms'], [0, 1e-6, 'µs']];
    const BYTES = [[2 ** 30, 2 ** 30, 'GiB'], [2 ** 20, 2 ** 20, 'MiB'], [0, 2 ** 10, 'KiB']];

    const BY_UNIT = {
        'seconds': (value) => scaled(value, SECONDS),
        'bytes': (value) => scaled(value, BYTES),
        'percent': (value) => value.toFixed(0) + ' %',
        'hits / queries': (value) => value.toFixed(4),
        'misses / queries': (value) => value.toFixed(4),
        'cosine': (value) => value.toFixed(6),
        'FLOP / second': (value) => digits(value / 1e9) + ' GFLOP/s',
        'tokens / second': (value) => digits(value) + ' tokens/s',
        'sentences / second': (value) => digits(value) + ' sentences/s',
    };

    function metric(data, name) {
        return data.metrics[name] || {label: name, unit: '', better: 'lower'};
    }

    function value(data, name, number) {
        if (number === null || number === undefined) {
            return '';
        }
        const unit = metric(data, name).unit;
        return BY_UNIT[unit] ? BY_UNIT[unit](number) : digits(number) + (unit ? ' ' + unit : '');
    }

    /* A value with half of its interval, in one unit. */
    function withHalf(data, name, number, half) {
        const text = value(data, name, number);
        return half === null ? text : text + ' ± ' + digits(100 * half / number, 2) + ' %';
    }

    /* The text of a parameter without Python's quotes. */
    function plain(text) {
        const match = /^'([^]*)'$/.exec(text);
        return match ? match[1] : text;
    }

    /* What a series measures beside some parameters: 'WholeProcess, dataset scifact, batch_size 16'. */
    function setting(series, without) {
        const name = series.class.slice(series.class.lastIndexOf('.') + 1);
        const cell = Object.entries(series.cell).filter(([key]) => !without.includes(key));
        return [name, ...cell.map(([key, text]) => key + ' ' + plain(text))].join(', ');
    }

    function percent(ratio) {
        const change = 100 * (ratio - 1);
        return (change > 0 ? '+' : change < 0 ? '−' : '') + digits(Math.abs(change), 2) + ' %';
    }

    function short(commit) {
        return commit.slice(0, HASH_DIGITS);
    }

    /* Where asv's own page shows the history of a series. */
    function history(data, series) {
        const query = new URLSearchParams();
        for (const [key, text] of Object.entries(data.graphs[series.graph])) {
            query.set(key, text === null ? '[none]' : text);
        }
        for (const [key, text] of Object.entries(series.cell)) {
            query.set('p-' + key, text);
        }
        return '#' + encodeURIComponent(series.benchmark) + '?' + query;
    }

    return {digits, metric, value, withHalf, plain, setting, percent, short, history};
})();

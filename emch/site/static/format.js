'use strict';

/* Values, intervals and names as people read them. */
emch.format = (() => {
    const HASH_DIGITS = 8;

    /* Digits after the point that show so many significant ones. */
    function places(value, count) {
        return value === 0 ? 0 : Math.max(0, count - 1 - Math.floor(Math.log10(Math.abs(value))));
    }

    function fixed(value, decimals) {
        return value.toLocaleString('en', {minimumFractionDigits: decimals, maximumFractionDigits: decimals});
    }

    /* Three significant digits, and no exponent where one can do without. */
    function digits(value, count = 3) {
        if (!Number.isFinite(value)) {
            return ''; // such as the ratio of two miss rates of 0
        }
        const decimals = places(value, count);
        return decimals > 9 ? value.toExponential(count - 1) : fixed(value, decimals);
    }

    /* All that is known of a metric is in data.json; of one that is not ours, asv's rule that lower is better. */
    function metric(data, name) {
        return data.metrics[name] || {label: name, unit: '', better: 'lower', steps: [[0, 1, '', null]]};
    }

    /* The words for a metric at the beginning of a line. */
    function title(data, name) {
        const {label} = metric(data, name);
        return label.charAt(0).toUpperCase() + label.slice(1);
    }

    /* As `Metric.show` has it, but with three significant digits at least: charts have small values too. */
    function value(data, name, number) {
        if (number === null || number === undefined) {
            return '';
        }
        const {steps} = metric(data, name);
        const step = steps.find(([least]) => Math.abs(number) >= least) || steps[steps.length - 1];
        const [, times, word, decimals] = step;
        const shown = number * times;
        const text = decimals === null || places(shown, 3) > decimals ? digits(shown) : fixed(shown, decimals);
        return word ? text + ' ' + word : text;
    }

    /* A value with half of its interval, in one unit. */
    function withHalf(data, name, number, half) {
        const text = value(data, name, number);
        return half === null ? text : text + ' ± ' + digits((100 * half) / number, 2) + ' %';
    }

    /* The text of a parameter without Python's quotes. */
    function plain(text) {
        const match = /^'([\s\S]*)'$/.exec(text);
        return match ? match[1] : text;
    }

    /* What a series measures beside some parameters: 'WholeProcess, dataset scifact, batch_size 16'. */
    function setting(series, without) {
        const name = series.class.slice(series.class.lastIndexOf('.') + 1);
        const params = Object.entries(series.params).filter(([key]) => !without.includes(key));
        return [name, ...params.map(([key, text]) => key + ' ' + plain(text))].join(', ');
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
        for (const [key, text] of Object.entries(series.params)) {
            query.set('p-' + key, text);
        }
        return '#' + encodeURIComponent(series.benchmark) + '?' + query;
    }

    return {digits, metric, title, value, withHalf, plain, setting, percent, short, history};
})();

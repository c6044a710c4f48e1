'use strict';

/* What every page needs: elements, the data, and the view that the address holds. */
window.emch = (() => {
    const pages = {};

    /* Make an element; texts become text, never markup. */
    function h(tag, attributes, ...children) {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes || {})) {
            if (typeof value === 'function') {
                element.addEventListener(name, value);
            } else if (value === true) {
                element.setAttribute(name, '');
            } else if (value !== false && value !== null && value !== undefined) {
                element.setAttribute(name, value);
            }
        }
        element.append(...children.flat().filter((child) => child !== null && child !== undefined));
        return element;
    }

    function unique(values) {
        return [...new Set(values)];
    }

    /* Machines; whose newest figure is the newest comes first: it is probably the reader's own. */
    function machines(series) {
        const newest = new Map();
        series.forEach((each) => {
            const [position] = each.last;
            newest.set(each.machine, Math.max(position, newest.get(each.machine) ?? position));
        });
        return [...newest.keys()].sort().sort((one, other) => newest.get(other) - newest.get(one));
    }

    /* Add to the series of data.json what the pages ask for again and again. */
    function prepare(data) {
        data.series.forEach((series, place) => {
            series.place = place;
            series.last = series.points[series.points.length - 1];
            series.value = series.last[1];
            series.half = series.last[2];
            series.commit = data.commits[series.last[0]];
            series.class = series.benchmark.slice(0, series.benchmark.lastIndexOf('.'));
            series.backend = emch.format.plain(series.params.backend || '');
            series.setting = emch.format.setting(series, ['backend']);
        });
        return data;
    }

    /* A view: a page's state, kept in the address, and how it is drawn again. */
    function makeView(data, root, name, state, changed) {
        const controls = h('div', {class: 'emch-controls'});
        const body = h('div', {class: 'emch-body'});
        root.replaceChildren(controls, body);
        const view = {
            data: data,
            name: name,
            get: (key, options, preferred) => {
                if (options.includes(state[key])) {
                    return state[key];
                }
                return preferred !== undefined && options.includes(preferred) ? preferred : options[0];
            },
            number: (key, fallback) => {
                const value = parseFloat(state[key]);
                return Number.isFinite(value) ? value : fallback;
            },
            set: (key, value, keepControls) => {
                state[key] = String(value);
                changed(state);
                draw(keepControls);
            },
        };

        function draw(keepControls) {
            const focused = document.activeElement?.id;
            emch.charts.dispose(body);
            body.replaceChildren();
            const made = pages[name](view, body);
            if (!keepControls) {
                controls.replaceChildren(...made);
            }
            const element = focused && document.getElementById(focused);
            if (element) {
                element.focus();
            }
        }

        draw(false);
        return view;
    }

    /* What to say and do where there is nothing to show. */
    function empty(root, reason, command) {
        root.append(h('p', {class: 'emch-empty'}, reason, ' Run ', h('code', {}, command), '.'));
    }

    /* The first of the series that a page opens with, by what data.json says; undefined if none is. */
    function opening(data, what, series) {
        return series.find(opens(data, what));
    }

    function opens(data, what) {
        const wanted = data.openings[what];
        return (series) =>
            (!wanted.class || series.class === wanted.class)
            && Object.entries(wanted.params).every(([key, text]) => series.params[key] === text);
    }

    return {h, unique, machines, pages, prepare, makeView, empty, opening, opens};
})();

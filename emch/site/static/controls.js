'use strict';

/* Labelled controls; each sets one key of the view. */
emch.controls = (() => {
    const h = emch.h;

    function labelled(label, element) {
        return h('label', {class: 'emch-control'}, h('span', {}, label), element);
    }

    /* A choice; with one option it is a fact, and still shown. */
    function choice(view, key, label, options, chosen, textOf = (option) => option) {
        const element = h(
            'select',
            {
                id: 'emch-' + view.name + '-' + key,
                change: (event) => view.set(key, event.target.value),
            },
            options.map((option) => h('option', {value: option}, textOf(option))),
        );
        element.value = chosen;
        return labelled(label, element);
    }

    /* A slider, which keeps its place while it is dragged. */
    function slider(view, key, label, range, chosen, textOf) {
        const output = h('output', {}, textOf(chosen));
        const element = h('input', {
            id: 'emch-' + view.name + '-' + key,
            type: 'range',
            min: range.min,
            max: range.max,
            step: 'any',
            'aria-valuetext': textOf(chosen),
            input: (event) => {
                const value = Number(event.target.value);
                output.textContent = textOf(value);
                element.setAttribute('aria-valuetext', textOf(value));
                view.set(key, value, true);
            },
        });
        element.value = chosen;
        /* A label names the first of its controls, and an output is one. */
        return h('label', {class: 'emch-control'}, h('span', {}, label), element, output);
    }

    const ALL = 'all';

    /* Of each figure the one of the first stack that has it. */
    function ofAllStacks(series, stacks) {
        const found = new Map();
        for (const each of [...series].sort((one, other) => stacks.indexOf(one.stack) - stacks.indexOf(other.stack))) {
            const key = JSON.stringify([each.backend, each.setting, each.metric]);
            if (!found.has(key)) {
                found.set(key, each);
            }
        }
        return [...found.values()];
    }

    /* The machine and the stack, which most pages start from; `together` lets all stacks be one. */
    function place(view, series, together = false) {
        const machines = emch.machines(series);
        const machine = view.get('machine', machines);
        const here = series.filter((each) => each.machine === machine);
        const stacks = view.data.stacks.map((stack) => stack.label);
        const known = emch.unique(here.map((each) => each.stack));
        known.sort((one, other) => stacks.indexOf(one) - stacks.indexOf(other));
        const options = together && known.length > 1 ? [...known, ALL] : known;
        const stack = view.get('stack', options, 'current');
        const keep = (all) => {
            const own = all.filter((each) => each.machine === machine);
            return stack === ALL ? ofAllStacks(own, stacks) : own.filter((each) => each.stack === stack);
        };
        return {
            keep,
            series: keep(series),
            controls: [
                choice(view, 'machine', 'Machine', machines, machine),
                choice(view, 'stack', 'Stack', options, stack),
            ],
        };
    }

    return {choice, slider, place};
})();

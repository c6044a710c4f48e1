'use strict';

/* What is installed where, how two stacks differ, and what the machines are. */
emch.pages.stacks = (view, body) => {
    const {h, controls, tables} = emch;
    const data = view.data;
    const labels = data.stacks.map((stack) => stack.label);
    if (!labels.length) {
        emch.empty(body, 'asv.conf.json has no stacks.', 'emch list stacks');
        return [];
    }
    const one = view.get('a', labels, labels[0]);
    const other = view.get('b', labels, labels[1]);
    const versions = (label) => {
        const stack = data.stacks.find((each) => each.label === label);
        return {...stack.pins, ...stack.installed};
    };
    const same = (name) =>
        name
            .toLowerCase()
            .replace(/[-_.]+/g, '-')
            .replace(/^pip\+/, '');
    const normalized = (label) =>
        new Map(Object.entries(versions(label)).map(([name, version]) => [same(name), version]));
    const [first, second] = [normalized(one), normalized(other)];

    body.append(h('h2', {}, one + ' against ' + other));
    const names = emch.unique([...first.keys(), ...second.keys()]).sort();
    const different = names.filter((name) => first.get(name) !== second.get(name));
    if (different.length) {
        tables.table(
            body,
            'What differs',
            [
                {label: 'distribution', value: (name) => name, header: true},
                {label: one, value: (name) => first.get(name) || '', show: (name) => first.get(name) || 'not there'},
                {
                    label: other,
                    value: (name) => second.get(name) || '',
                    show: (name) => second.get(name) || 'not there',
                },
            ],
            different,
        );
    } else {
        body.append(h('p', {}, 'They are the same.'));
    }
    body.append(h('h2', {}, 'Stacks'));
    tables.table(
        body,
        'Pins of each stack',
        [
            {label: 'stack', value: (stack) => stack.label, header: true},
            {
                label: 'pins',
                value: (stack) =>
                    Object.entries(stack.pins)
                        .map(([name, version]) => name + ' ' + version)
                        .join(', '),
            },
            {
                label: 'installed',
                number: true,
                value: (stack) => Object.keys(stack.installed).length,
                show: (stack) => Object.keys(stack.installed).length || 'not measured yet',
            },
        ],
        data.stacks,
    );
    body.append(h('h2', {}, 'Machines'));
    const machines = Object.values(data.machines);
    const facts = emch.unique(machines.flatMap(Object.keys)).filter((fact) => fact !== 'machine');
    tables.table(
        body,
        'Facts of each machine',
        [
            {label: 'machine', value: (machine) => machine.machine, header: true},
            ...facts.map((fact) => ({label: fact.replace('_', ' '), value: (machine) => machine[fact]})),
        ],
        machines,
    );
    return [controls.choice(view, 'a', 'Stack', labels, one), controls.choice(view, 'b', 'Against', labels, other)];
};

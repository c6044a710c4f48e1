'use strict';

/* Our pages as pages of asv's site: its tabs, its addresses. */
(() => {
    const h = emch.h;
    emch.asv = true;
    let loading = null;

    function load() {
        loading =
            loading
            || fetch('emch/data.json')
                .then((answer) => {
                    if (!answer.ok) {
                        throw new Error('emch/data.json: ' + answer.status + ' ' + answer.statusText);
                    }
                    return answer.json();
                })
                .then(emch.prepare);
        return loading;
    }

    function pageName() {
        return window.location.hash.replace(/^#\/?/, '').split('?')[0];
    }

    function show(name) {
        const root = document.getElementById('emch-display');
        const query = window.location.hash.split('?')[1] || '';
        const state = Object.fromEntries(new URLSearchParams(query));
        root.hidden = false;
        load().then(
            (data) => {
                emch.makeView(data, root, name, state, (changed) => {
                    window.history.replaceState(null, '', '#/' + name + '?' + new URLSearchParams(changed));
                });
                root.dataset.ready = name;
            },
            (error) => {
                root.replaceChildren(
                    h(
                        'p',
                        {class: 'emch-empty', role: 'alert'},
                        'The data of this page could not be loaded (',
                        error.message,
                        '): serve the folder with ',
                        h('code', {}, 'python -m http.server'),
                        '.',
                    ),
                );
            },
        );
    }

    if (!window.location.hash) {
        window.location.replace('#/overview');
    }
    if (emch.pages[pageName()]) {
        load(); /* while asv loads what it needs */
    }
    document.addEventListener('DOMContentLoaded', () => {
        document.body.append(h('main', {id: 'emch-display', class: 'emch', hidden: true}));
    });
    window.jQuery(document).ready(() => {
        window.addEventListener('hashchange', () => {
            if (!emch.pages[pageName()]) {
                document.getElementById('emch-display').hidden = true;
            }
        });
        for (const name of Object.keys(emch.pages)) {
            window.jQuery.asv.register_page(name, () => show(name));
        }
    });
})();

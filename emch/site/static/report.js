'use strict';

/* All pages below each other in one file; the address restores nothing here, the file is the view. */
document.addEventListener('DOMContentLoaded', () => {
    const data = emch.prepare(JSON.parse(document.getElementById('emch-data').textContent));
    document.querySelectorAll('[data-page]').forEach((section) => {
        emch.makeView(data, section.querySelector('div'), section.dataset.page, {}, () => {});
    });
    document.body.dataset.ready = 'report';
});

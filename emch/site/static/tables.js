'use strict';

/* Tables that sort by a click or the keyboard on a heading. */
emch.tables = (() => {
    const h = emch.h;

    function compare(one, other) {
        const missing = (value) => value === null || value === undefined || value === '';
        if (missing(one) || missing(other)) {
            return missing(one) - missing(other);
        }
        return typeof one === 'number' ? one - other : String(one).localeCompare(String(other), 'en', {numeric: true});
    }

    /* Columns are {label, value(row), show(row), number, style(row), header}; missing values are last. */
    function table(root, caption, columns, rows) {
        let sorted = null;
        let ascending = true;
        const body = h('tbody');

        function fill() {
            const order = rows.slice();
            if (sorted) {
                const sign = ascending ? 1 : -1;
                order.sort((one, other) => sign * compare(sorted.value(one), sorted.value(other)));
            }
            body.replaceChildren(
                ...order.map((row) =>
                    h(
                        'tr',
                        {},
                        columns.map((column) => {
                            const content = column.show ? column.show(row) : column.value(row);
                            const tag = column.header ? 'th' : 'td';
                            return h(
                                tag,
                                {
                                    scope: column.header ? 'row' : null,
                                    class: column.number ? 'emch-number' : null,
                                    style: column.style ? column.style(row) : null,
                                },
                                content === null || content === undefined ? '' : content,
                            );
                        }),
                    ),
                ),
            );
        }

        const headings = columns.map((column) =>
            h(
                'th',
                {
                    scope: 'col',
                    class: column.number ? 'emch-number' : null,
                    'aria-sort': 'none',
                },
                h('button', {type: 'button', click: (event) => sort(column, event.currentTarget)}, column.label),
            ),
        );

        function sort(column, button) {
            ascending = sorted === column ? !ascending : true;
            sorted = column;
            for (const heading of headings) {
                heading.setAttribute('aria-sort', 'none');
            }
            button.parentElement.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
            fill();
        }

        fill();
        root.append(
            h(
                'div',
                {class: 'emch-scroll', tabindex: '0', role: 'region', 'aria-label': caption},
                h(
                    'table',
                    {class: 'emch-table'},
                    h('caption', {}, caption),
                    h('thead', {}, h('tr', {}, headings)),
                    body,
                ),
            ),
        );
    }

    /* The column of the commit of a row's series. */
    const commit = (seriesOf) => ({
        label: 'commit',
        value: (row) => seriesOf(row).commit,
        show: (row) => h('code', {}, emch.format.short(seriesOf(row).commit)),
    });

    return {table, commit};
})();

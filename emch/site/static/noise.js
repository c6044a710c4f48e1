'use strict';

/* What differs by more than a metric moves from launch to launch, in the pages that mark such jumps. */
emch.noise = (() => {
    const BEYOND = 3; /* standard deviations */

    const of = (data, machine, metric) => data.noise[machine + ' ' + metric];

    /* Say whether two values differ by more than the noise; it is unknown where too little was measured. */
    function jumped(noise, before, after) {
        return Boolean(noise) && before > 0 && after > 0 && Math.abs(Math.log(after / before)) > BEYOND * noise;
    }

    /* A mark on a chart at a value that jumped. */
    const mark = (place, before, after) => ({coord: [place, after], value: emch.format.percent(after / before)});

    /* How much it takes, in words. */
    function words(noise) {
        const percent = emch.format.digits(100 * (Math.exp(BEYOND * noise) - 1), 2);
        return BEYOND + ' standard deviations (' + percent + ' %) of what this metric moves from launch to launch.';
    }

    return {of, jumped, mark, words};
})();

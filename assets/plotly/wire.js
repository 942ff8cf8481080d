/* Grids come packed, see app/figures/wire.py: differences from neighbours, zigzag, all lowest bytes first. */
(function () {
  "use strict";

  const react = window.Plotly.react;
  const known = new WeakMap(); // Plotly takes another array for other numbers

  function unpacked(grid) {
    if (!known.has(grid)) {
      const [rows, columns] = grid.shape;
      const count = rows * columns;
      const bytes = window.atob(grid.packed);
      const byte = (place, index) => bytes.charCodeAt(place * count + index) << (8 * place);
      const whole = new Int32Array(count);
      for (let index = 0; index < count; index += 1) {
        const zigzag = byte(0, index) | byte(1, index) | byte(2, index) | byte(3, index);
        const left = index % columns ? whole[index - 1] : null;
        const above = index < columns ? left : whole[index - columns];
        whole[index] = Math.floor(((left === null ? above : left) + above) / 2) + ((zigzag >>> 1) ^ -(zigzag & 1));
      }
      const values = new Float32Array(whole.map((one) => one << grid.spare).buffer);
      const row = (index) => values.subarray(index * columns, (index + 1) * columns);
      known.set(grid, Array.from({ length: rows }, (_, index) => row(index)));
    }
    return known.get(grid);
  }

  const whole = (trace) =>
    Object.fromEntries(
      Object.entries(trace).map(([name, value]) => [name, value && value.packed !== undefined ? unpacked(value) : value])
    );

  window.Plotly.react = function (plot, figure, ...more) {
    const data = Array.isArray(figure) ? figure.map(whole) : Object.assign({}, figure, { data: figure.data.map(whole) });
    return react.call(this, plot, data, ...more);
  };
})();

/** A function that runs once nothing has called it for some milliseconds, with the values of the last call. */
export function debounce<A extends unknown[]>(milliseconds: number, run: (...values: A) => void) {
  let timer = 0;
  return (...values: A) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(run, milliseconds, ...values);
  };
}

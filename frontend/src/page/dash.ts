/** Dash's interface to scripts: properties that they read and set, and functions that its client-side callbacks call. */

export const setProps = (id: string, props: Record<string, unknown>) => window.dash_clientside.set_props(id, props);

/** What a property holds now. What a callback was called with may be older: calls wait for answers of the server. */
export const getProp = (id: string, name: string) => window.dash_component_api?.getLayout(id)?.props[name];

/** Show a short message in the page's status line. */
export const showMessage = (text: string) => setProps("said", { children: text });

/** Make functions callable from `app/callbacks`. One that returns nothing leaves its outputs as they are. */
export function publish(functions: Record<string, (...values: any[]) => unknown>) {
  const published = Object.entries(functions).map(([name, run]) => [
    name,
    (...values: any[]) => {
      const result = run(...values);
      return result === undefined ? window.dash_clientside.no_update : result;
    },
  ]);
  window.dash_clientside = { ...window.dash_clientside };
  window.dash_clientside.batchscape = { ...window.dash_clientside.batchscape, ...Object.fromEntries(published) };
}

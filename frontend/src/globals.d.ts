/** What Plotly and Dash put into the page; neither ships types of its internals. */

/** An element that Plotly draws into. `_full…` are Plotly's own names of what it has made of what it was given. */
interface Graph extends HTMLElement {
  data?: any[];
  layout?: any;
  on?: DrawnGraph["on"];
  _fullData?: any[];
  _fullLayout?: any;
}

/** One that Plotly has drawn into. */
interface DrawnGraph extends Graph {
  on: (event: string, handler: (change: any) => void) => void;
}

interface Figure {
  data: any[];
  layout: any;
}

interface Window {
  Plotly: any;
  dash_clientside: any;
  dash_component_api: any;
}

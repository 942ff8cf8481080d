/** The page's scripts, in the order in which they are installed. Loaded after plotly.js, before Dash's renderer. */
import "regenerator-runtime/runtime"; // Dash's components run it; the rest of the polyfill that it comes in is left out
import { installCrosshair } from "./crosshair/crosshair.ts";
import { installData } from "./data/dialog.ts";
import { installDialog } from "./export/dialog.ts";
import { installExportDialog } from "./export/export_dialog.ts";
import { installMenu } from "./export/menu.ts";
import { installPngOptions } from "./export/png_options.ts";
import { installPrint } from "./export/print.ts";
import { installNote } from "./hints/note.ts";
import { installTooltip } from "./hints/tooltip.ts";
import { installHeldKeys } from "./inputs/held_keys.ts";
import { installNumberBoxes } from "./inputs/number_boxes.ts";
import { installRadios } from "./inputs/radios.ts";
import { installLive } from "./live/live.ts";
import { installOracle } from "./oracle/oracle.ts";
import { installAddress } from "./page/address.ts";
import { installCompass } from "./page/compass.ts";
import { setProps } from "./page/dash.ts";
import { installFirstPicture } from "./page/first_picture.ts";
import { installKeys } from "./page/keys.ts";
import { installLayout } from "./page/layout.ts";
import { installPicturesInWords } from "./page/pictures_in_words.ts";
import { installTour } from "./page/tour.ts";
import { installCameras } from "./plotly/cameras.ts";
import { installContexts } from "./plotly/contexts.ts";
import { installLegendRow } from "./plotly/legend_row.ts";
import { surfacesPainted } from "./plotly/painting.ts";
import { installScale } from "./plotly/scale.ts";
import { wrapPlotly } from "./plotly/wrap.ts";
import { clearTrouble, reportTrouble } from "./requests/connection.ts";
import { wrapFetch } from "./requests/fetch.ts";
import { installFullScreen } from "./room/full_screen.ts";
import { installSidebar } from "./room/sidebar.ts";
import { installStage } from "./room/stage.ts";
import { installExplore } from "./views/explore.ts";
import { installRace } from "./views/race.ts";
import { installSound } from "./views/sound.ts";

window.fetch = wrapFetch(window.fetch.bind(window), {
  placeInQueue: () => Number(document.getElementById("busy-text")?.dataset.place ?? 0),
  surfacesPainted,
  reportTrouble,
  clearTrouble,
  showNotice: (text) => setProps("notice", { children: text }),
  askAgain: () => setProps("retry", { n_clicks: Date.now() }),
  sleep: (milliseconds) => new Promise((done) => window.setTimeout(done, milliseconds)),
});
if (window.Plotly) wrapPlotly(window.Plotly); // else the page loads again, see inline/start.ts

// listeners to the same event are called in this order
installAddress();
installCameras();
installCompass();
installCrosshair();
installContexts();
installTooltip();
installExplore();
installFirstPicture();
installFullScreen();
installLegendRow();
installKeys();
installOracle();
installLayout();
installRace();
installScale();
installSidebar();
installStage();
installSound();
installMenu();
installPicturesInWords();
installPngOptions();
installExportDialog();
installDialog();
installData();
installPrint();
installTour();
installHeldKeys();
installNumberBoxes();
installNote();
installRadios();
installLive();

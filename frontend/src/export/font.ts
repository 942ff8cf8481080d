/** The page's font, for pictures that stand alone. */
const FILE = "link[as=font]";

const readAsAddress = (content: Blob) =>
  new Promise<string>((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.readAsDataURL(content);
  });

/** The page's rule for its font with the font itself in it; "" while that cannot be had. */
export async function embeddedFont() {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const rule = rules.find((one) => one instanceof CSSFontFaceRule)?.cssText ?? "";
  try {
    const answer = await window.fetch(document.querySelector<HTMLLinkElement>(FILE)?.href ?? "");
    return answer.ok ? rule.replace(/url\([^)]*\)/, `url(${await readAsAddress(await answer.blob())})`) : "";
  } catch {
    return ""; // the server is away: the picture has a font of its reader's
  }
}

import { useMemo } from "react";

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** The viewer's name over every picture, so that a photograph of the screen says who took it. */
export function Watermark({ text }: { readonly text: string }) {
  const image = useMemo(() => {
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="260" height="150"><text x="20" y="110" transform="rotate(-22 20 110)" ` +
      `font-family="sans-serif" font-size="15" fill="#fff" fill-opacity=".22" stroke="#000" stroke-opacity=".16" stroke-width=".6">${escaped(text)}</text></svg>`;
    return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
  }, [text]);
  return <div className="watermark" aria-hidden="true" style={{ backgroundImage: image }} />;
}

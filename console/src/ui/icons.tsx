/** The few pictures on the video pages, drawn here so that those pages load nothing for them. */
const PATHS = {
  play: "M7 4.5v15l13-7.5z",
  pause: "M6 4.5h4.5v15H6zM13.5 4.5H18v15h-4.5z",
  close: "M5 6.4 6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6 10.6 12z",
  grow: "M4 4h7v2H6v5H4zM20 20h-7v-2h5v-5h2z",
  shrink: "M11 11H4V9h5V4h2zM13 13h7v2h-5v5h-2z",
  full: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
  history: "M12 4a8 8 0 1 1-7.7 5.8l1.9.6A6 6 0 1 0 8 7.5L10.2 10H4V3.6L6.6 6A8 8 0 0 1 12 4zm-1 4h2v4.2l3 1.8-1 1.7-4-2.4z",
  frameBack: "M6 5h2.4v14H6zM19 5v14L9.5 12z",
  frameOn: "M15.6 5H18v14h-2.4zM5 5l9.5 7L5 19z",
  link: "M10 13a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700L11.600 6.400l1.400 1.400 1.700-1.700a2 2 0 0 1 2.900 2.900l-3 3a2 2 0 0 1-2.900-.1zM14 11a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.700-1.700-1.400-1.400-1.700 1.700a2 2 0 0 1-2.900-2.900l3-3a2 2 0 0 1 2.900.1z",
  gapBack: "M11 6v12L3 12zM14 6h2v12h-2zM18 6h2v12h-2z",
  gapOn: "M13 6v12l8-6zM8 6h2v12H8zM4 6h2v12H4z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  minus: "M5 11h14v2H5z",
  left: "M15 5 8 12l7 7 1.500-1.500L11 12l5.500-5.500z",
  right: "m9 5 7 7-7 7-1.500-1.500L13 12 7.500 6.500z",
} as const;

export function Icon({ name, size = 18 }: { readonly name: keyof typeof PATHS; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A picture of n by n tiles. */
export function TilesIcon({ side }: { readonly side: number }) {
  const step = 18 / side;
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" fill="currentColor" aria-hidden="true">
      {Array.from({ length: side * side }, (_, i) => (
        <rect key={i} x={(i % side) * step + 0.8} y={Math.floor(i / side) * step + 0.8} width={step - 1.6} height={step - 1.6} rx="0.6" />
      ))}
    </svg>
  );
}

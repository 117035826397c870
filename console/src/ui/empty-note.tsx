import type { ReactNode } from "react";

/** An empty page that says what would be here and how to get it. */
export function EmptyNote({ title, text, children }: { readonly title: string; readonly text?: string; readonly children?: ReactNode }) {
  return (
    <div className="empty-note">
      <h2>{title}</h2>
      {text === undefined ? null : <p>{text}</p>}
      {children}
    </div>
  );
}

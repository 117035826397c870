import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { startI18n } from "./i18n/index.ts";
import "./style.css";

const root = document.getElementById("root");
if (root === null) throw new Error("assertion failed: index.html has no #root");
void startI18n().then(() => createRoot(root).render(<App />));

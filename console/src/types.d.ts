import type { zhCN } from "./i18n/zh-CN.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    returnNull: false;
    resources: { translation: typeof zhCN };
  }
}

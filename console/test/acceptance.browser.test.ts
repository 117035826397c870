import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserMissing, look, lookUntil, startBrowser, startProduct } from "./product.ts";
import type { Product } from "./product.ts";

const skip = browserMissing() ?? false;
/** The simulators' clip comes round after so many frames. */
const LOOP_FRAMES = 400;
const FRAME_MS = 40;
const CAMERA = "demo-1";
const PASSWORD = "three unrelated words";

/** How many frames lie between two counters, the short way round. */
const apart = (a: number, b: number): number => {
  const ahead = (((a - b) % LOOP_FRAMES) + LOOP_FRAMES) % LOOP_FRAMES;
  return Math.min(ahead, LOOP_FRAMES - ahead);
};

describe("the console in a browser, against the product as it ships", { skip, timeout: 300_000 }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  const mistakes: string[] = [];

  before(async () => {
    product = await startProduct();
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1366, height: 768 }, locale: "zh-CN" });
    page.on("pageerror", (error) => mistakes.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Uncaught/.test(message.text())) mistakes.push(message.text());
    });
  });
  after(async () => {
    await browser?.close();
    await product?.stop();
  });

  /** Waits until the camera has so much footage; answers its end, UTC milliseconds. */
  const footageOf = async (ms: number): Promise<number> => {
    for (let tries = 0; tries < 60; tries += 1) {
      const [from, to] = [Date.now() - 3_600_000, Date.now() + 60_000].map((one) => new Date(one).toISOString());
      const answer = await page.request.get(`${product.url}/api/v1/timeline?camera=${CAMERA}&from=${from}&to=${to}`);
      const { cameras } = (await answer.json()) as { cameras: { first: string | null; last: string | null }[] };
      const { first, last } = cameras[0] ?? { first: null, last: null };
      if (first !== null && last !== null && Date.parse(last) - Date.parse(first) >= ms) return Date.parse(last);
      await page.waitForTimeout(1000);
    }
    throw new Error("the camera was not recorded");
  };

  test("the one-time link makes the first administrator, who is then signed in", async () => {
    await page.goto(product.setupLink);
    await page.fill("#name", "admin");
    await page.fill("#displayName", "王值班");
    await page.fill("#password", PASSWORD);
    await page.fill("#again", PASSWORD);
    await page.click("button[type=submit]");
    await page.waitForSelector(".wall");
    await page.goto(product.setupLink);
    await page.waitForSelector("text=系统已完成首次设置");
  });

  test("signing out closes every page; a wrong password is refused in words; the right one opens", async () => {
    await page.goto(`${product.url}/`);
    await page.click(".bar-user");
    await page.click("text=退出登录");
    await page.waitForSelector("#password");
    await page.fill("#name", "admin");
    await page.fill("#password", "not the password");
    await page.click("button[type=submit]");
    await page.waitForSelector("text=登录名或密码不对");
    await page.fill("#password", PASSWORD);
    await page.click("button[type=submit]");
    await page.waitForSelector(".wall");
  });

  test("the wall moves: the frame counter advances in every tile", async () => {
    for (const camera of ["demo-1", "demo-2", "demo-3", "demo-4"]) {
      const first = await lookUntil(page, camera, () => true);
      await lookUntil(page, camera, (sight) => sight.counter !== first.counter);
    }
  });

  test("four tiles show the sub-stream, a maximised one the main stream, with the viewer's name over it", async () => {
    const sub = await look(page, CAMERA);
    await page.dblclick(`[data-camera="${CAMERA}"] video`, { force: true });
    const main = await lookUntil(page, CAMERA, (sight) => sight.width > sub.width);
    assert.ok(main.width > sub.width);
    assert.match(
      await page.locator(`[data-camera="${CAMERA}"] .watermark`).evaluate((element) => decodeURIComponent(getComputedStyle(element).backgroundImage)),
      /王值班/,
    );
  });

  test("some seconds ago shows the counter that was live then", async () => {
    await page.goto(`${product.url}/?camera=${CAMERA}`);
    const live = await lookUntil(page, CAMERA, (sight) => sight.width > 1000);
    assert.ok(Math.abs(Date.now() - live.utcMs) < 3000, `the live picture says ${new Date(live.utcMs).toISOString()}`);
    await page.waitForTimeout(6000);
    await page.goto(`${product.url}/playback?camera=${CAMERA}&at=${new Date(live.utcMs).toISOString()}`);
    await page.fill("textarea", "验收：核对帧号");
    await page.click(".purpose button[type=submit]");
    await lookUntil(page, CAMERA, (sight) => sight.utcMs >= live.utcMs);
    await page.keyboard.press("k");
    await page.waitForSelector('[aria-label="播放"]');
    const shown = await lookUntil(page, CAMERA, () => true);
    const expected = (live.counter ?? 0) + Math.round((shown.utcMs - live.utcMs) / FRAME_MS);
    assert.ok(apart(shown.counter ?? 0, expected) <= 2, `counter ${shown.counter}, expected ${expected % LOOP_FRAMES}`);
  });

  test("frame steps move by one frame, an arrow key by ten seconds", async () => {
    const at = await footageOf(22_000);
    await page.goto(`${product.url}/playback?camera=${CAMERA}&at=${new Date(at - 4000).toISOString()}`);
    await lookUntil(page, CAMERA, (sight) => sight.utcMs >= at - 4000);
    await page.keyboard.press("k");
    await page.waitForSelector('[aria-label="播放"]');
    await page.keyboard.press(",");
    await page.waitForTimeout(300);
    const start = await lookUntil(page, CAMERA, () => true);
    await page.keyboard.press(".");
    const next = await lookUntil(page, CAMERA, (sight) => sight.counter !== start.counter);
    assert.equal(apart(next.counter ?? 0, start.counter ?? 0), 1);
    await page.keyboard.press("ArrowLeft");
    const before10 = await lookUntil(page, CAMERA, (sight) => sight.utcMs < start.utcMs - 9000);
    assert.ok(apart(before10.counter ?? 0, (next.counter ?? 0) - 250) <= 1);
  });

  test("the wizard tries an address step by step, says what failed, shows the camera's picture and adds it", async () => {
    await page.goto(`${product.url}/cameras?add=1`);
    await page.fill("#main_url", "rtsp://127.0.0.1:9/none");
    await page.getByRole("button", { name: "试连", exact: true }).click();
    await page.waitForSelector('.probe-steps [data-outcome="failed"] >> text=怎么办');
    const answer = await page.request.get(`${product.url}/api/v1/cameras/${CAMERA}`);
    const { streams } = (await answer.json()) as { streams: { role: string; url: string }[] };
    await page.getByRole("button", { name: "上一步" }).click();
    await page.fill("#main_url", streams.find((one) => one.role === "main")?.url ?? "");
    await page.getByRole("button", { name: "试连", exact: true }).click();
    await page.waitForSelector("video.probe-picture");
    await page.waitForFunction(() => (document.querySelector<HTMLVideoElement>("video.probe-picture")?.videoWidth ?? 0) > 0);
    await page.getByRole("button", { name: "下一步" }).click();
    await page.fill("#name", "新加的摄像机");
    await page.click(".ant-modal-footer .ant-btn-primary");
    await page.getByText("允许与另一台摄像机共用地址").click();
    await page.click(".ant-modal-footer .ant-btn-primary");
    await page.waitForSelector("tr:has-text('新加的摄像机') .dot-online");
  });

  test("a revoked grant stops the picture at once and says so", async () => {
    await page.goto(`${product.url}/?camera=${CAMERA}`);
    await lookUntil(page, CAMERA, () => true);
    const answer = await page.request.get(`${product.url}/api/v1/grants?active=true`);
    const grants = (await answer.json()) as { id: string; live: boolean }[];
    for (const grant of grants.filter((one) => one.live)) await page.request.delete(`${product.url}/api/v1/grants/${grant.id}`);
    const revokedAt = Date.now();
    await page.waitForSelector(`[data-camera="${CAMERA}"] [data-ended="grant-revoked"]`);
    assert.ok(Date.now() - revokedAt < 3000);
    assert.equal((await look(page, CAMERA)).counter, undefined);
    await page.waitForSelector("text=授权已被撤销");
    await page.goto(`${product.url}/register`);
    await page.waitForSelector("tr:has-text('授权被撤销')");
  });

  test("no page made a mistake of its own or broke the content security policy", async () => {
    for (const path of ["/grants", "/health", "/users", "/account", "/"]) {
      await page.goto(`${product.url}${path}`);
      await page.waitForLoadState("load");
      await page.waitForTimeout(500);
    }
    assert.deepEqual(mistakes, []);
  });
});

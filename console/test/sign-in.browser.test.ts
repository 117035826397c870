import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserMissing, startBrowser, startProduct } from "./product.ts";
import type { Product } from "./product.ts";

const skip = browserMissing() ?? false;
const PASSWORD = "three unrelated words";
const STEP_S = 30;

/** RFC 6238 with SHA-1, 30 s and six digits, from a base32 secret (RFC 4648): what a person's telephone shows. */
function oneTimeCode(secret: string, atMs: number): string {
  let bits = "";
  for (const letter of secret.replaceAll("=", "").toUpperCase()) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 1000 / STEP_S)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

describe("signing in with a second factor, and being locked out", { skip, timeout: 240_000 }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  let secret = "";

  before(async () => {
    product = await startProduct();
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1366, height: 768 }, locale: "zh-CN" });
    await page.goto(product.setupLink);
    await page.fill("#name", "admin");
    await page.fill("#displayName", "王值班");
    await page.fill("#password", PASSWORD);
    await page.fill("#again", PASSWORD);
    await page.click("button[type=submit]");
    await page.waitForSelector(".wall");
  });
  after(async () => {
    await browser?.close();
    await product?.stop();
  });

  const signInAs = async (password: string): Promise<void> => {
    await page.goto(`${product.url}/`);
    await page.waitForSelector("#name");
    await page.fill("#name", "admin");
    await page.fill("#password", password);
    await page.click("button[type=submit]");
  };

  test("the account page shows the secret as a picture and as text, and takes the telephone's code", async () => {
    await page.goto(`${product.url}/account`);
    await page.getByRole("button", { name: "启用" }).first().click();
    await page.fill("#password", PASSWORD);
    await page.locator("form:has(#password) button[type=submit]").click();
    await page.waitForSelector("canvas, svg");
    secret = (await page.locator("p code").first().textContent()) ?? "";
    assert.match(secret, /^[A-Z2-7]{16,}$/);
    assert.ok((await page.locator(".backup-codes > div").count()) >= 5, "codes for a lost telephone are shown");
    await page.fill("#code", oneTimeCode(secret, Date.now()));
    await page.locator("form:has(#code) button[type=submit]").click();
    await page.waitForSelector("section.card h2 .dot-ok");
  });

  test("the next sign-in asks for a code: a wrong one is refused in words, the right one opens", async () => {
    await page.context().clearCookies();
    await signInAs(PASSWORD);
    await page.waitForSelector("#code");
    await page.fill("#code", "000000");
    await page.click("button[type=submit]");
    await page.waitForSelector("[role=alert]");
    await page.fill("#code", oneTimeCode(secret, Date.now()));
    await page.click("button[type=submit]");
    await page.waitForSelector(".wall");
  });

  test("sixteen tiles stand on the wall", async () => {
    await page.goto(`${product.url}/`);
    await page.waitForSelector(".wall");
    await page.keyboard.press("4");
    await page.waitForFunction(() => document.querySelectorAll(".wall > *").length >= 16);
  });

  test("five wrong passwords lock the account, and the page says until when", async () => {
    await page.context().clearCookies();
    await signInAs("not the password 0");
    for (let tries = 1; tries < 6; tries += 1) {
      await page.waitForSelector("[role=alert]");
      await page.fill("#password", `not the password ${tries}`);
      const answered = page.waitForResponse((response) => response.url().endsWith("/sign-in"));
      await page.click("button[type=submit]");
      await answered;
    }
    await page.waitForSelector("text=/暂停登录/");
    assert.match((await page.locator("[role=alert]").textContent()) ?? "", /\d\d:\d\d/);
  });
});

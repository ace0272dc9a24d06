// SPDX-License-Identifier: Apache-2.0
// Headless Chromium on a phone's screen, and the folder for its pictures.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const folder = process.env.SCREENSHOTS ?? fileURLToPath(new URL('../../../build/screenshots/', import.meta.url));
mkdirSync(folder, { recursive: true });

export const phone = { width: 390, height: 844 };
/** A name that is no loopback address, so that the page is served without a secure context. */
export const plainHost = 'trace.test';

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP ${plainHost} 127.0.0.1`,
    ],
  });

/**
 * {page, problems, requests} of a fresh browser profile; `problems` gathers console errors, exceptions and refusals by
 * the content policy. `now`: what the page's clock says, null for the real time.
 */
export async function open(browser, { now = null, viewport = phone, colorScheme = 'light', ...options } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 2, ...options });
  const page = await context.newPage();
  const problems = [];
  const requests = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  if (now !== null) await page.clock.setFixedTime(new Date(now));
  return { page, problems, requests, close: () => context.close() };
}

/** Waits for the verdict and returns its state. */
export async function verdict(page) {
  await page.waitForSelector('main:not([data-state=waiting])');
  return page.getAttribute('main', 'data-state');
}

/** <name>.png is the whole page, <name>-first.png what a phone shows first. */
export async function picture(page, name) {
  await page.screenshot({ path: `${folder}/${name}-first.png` });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

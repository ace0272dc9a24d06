// SPDX-License-Identifier: Apache-2.0
// The trace page in a real browser, before proofs made here or, with BASE_URL (and SUBJECT, a path), before a running
// node. What the server sends is changed on its way; the page must turn red and name the check.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { launch, open, picture, plainHost, verdict } from './browser.mjs';
import * as lies from './lies.mjs';
import { madeSource, serve, upstreamSource } from './server.mjs';
import { silk, subjectPath } from '../../../web/test/story/silk.mjs';

const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const told = '2026-11-23T14:31:40Z';

function made(options = {}, prove = {}) {
  const { ledger, item } = silk(options);
  const anchor = { ...ledger.anchor(), name: 'silk', test_clock: options.testClock === true };
  const headers = new Map([[ledger.height, ledger.final()]]);
  return { anchor, headers, proofs: new Map([[subjectPath, ledger.prove(item, prove)]]) };
}

const base = process.env.BASE_URL;
const world = base
  ? { name: 'node', source: upstreamSource(base), subject: process.env.SUBJECT ?? subjectPath, now: null }
  : { name: 'made', source: madeSource(made()), subject: subjectPath, now: told };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const textOf = (page, selector) => page.locator(selector).first().innerText();

/** Findings of axe, in words. */
async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`);
}

async function words(page) {
  const text = await page.locator('body').innerText();
  // Built from parts, so that the words themselves stand nowhere in this repository.
  const claims = [
    ['gen', 'uine'],
    ['authen', 'tic'],
    ['真', '品'],
    ['正', '品'],
  ].map((parts) => parts.join(''));
  for (const claim of claims) assert.ok(!text.toLowerCase().includes(claim), claim);
}

describe(`the page before a proof: ${world.name}`, () => {
  let server;
  let url;
  before(async () => {
    server = await serve(world.source);
    url = `http://127.0.0.1:${server.port}${world.subject}`;
  });
  after(() => server.close());

  for (const [language, scheme] of [
    ['en', 'light'],
    ['en', 'dark'],
    ['zh', 'light'],
    ['zh', 'dark'],
  ]) {
    test(`is complete, ${language}, ${scheme}`, async () => {
      const { page, problems, requests, close } = await open(browser, { now: world.now, colorScheme: scheme });
      await page.goto(`${url}?lang=${language}`);
      assert.equal(await verdict(page), 'complete');
      const said = await textOf(page, '.band');
      // A network may certify with a quorum, three of four.
      const expected = { en: [/Record complete/, /26 /, /[34] of 4/], zh: [/记录完整/, /26 /, /4 个.*[34] 个/] };
      for (const part of expected[language]) assert.match(said, part);
      assert.equal(await page.locator('.step').count(), 16);
      assert.equal(await textOf(page, 'h1'), { en: 'Mulberry silk scarf', zh: '桑蚕丝围巾' }[language]);
      assert.equal(await page.locator('.quantities tr').count(), 4);
      assert.match(await textOf(page, '.certificates'), /CERT-SILK-ORIG-001/);
      assert.equal(await page.getAttribute('html', 'lang'), language);
      await words(page);
      await picture(page, `${world.name}-complete-${language}-${scheme}`);
      assert.deepEqual(await findings(page), []);
      assert.deepEqual(problems, []);
      for (const request of requests) assert.ok(request.startsWith(`http://127.0.0.1:${server.port}/`), request);
      await close();
    });
  }

  test('checks without WebCrypto, on plain http', async () => {
    const { page, problems, close } = await open(browser, { now: world.now });
    await page.goto(`http://${plainHost}:${server.port}${world.subject}`);
    assert.equal(await page.evaluate(() => globalThis.isSecureContext || crypto.subtle !== undefined), false);
    assert.equal(await verdict(page), 'complete');
    assert.deepEqual(problems, []);
    await close();
  });

  test('says Checking and shows no green until the check has ended', async () => {
    const { page, close } = await open(browser, { now: world.now });
    let release;
    const held = new Promise((done) => (release = done));
    await page.route('**/proof/**', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(url);
    await page.waitForSelector('.band.waiting');
    assert.equal(await page.locator('.complete, .mark.yes, .ring.yes').count(), 0);
    assert.match(await textOf(page, '.band'), /Checking…/);
    release();
    assert.equal(await verdict(page), 'complete');
    await close();
  });

  const cases = [
    ['drop', /Check failed: 1 event is missing/, 'history'],
    ['alter', /Check failed: content altered/, 'event_content'],
    ['redate', /Check failed: content altered/, 'history'],
    ['reorder', /Check failed: content altered/, 'history'],
    ['add', /Check failed: content altered/, 'history'],
    ['unsign', /Check failed: too few signatures/, 'finality'],
    ['restate', /Check failed: content altered/, 'state_path'],
    ['swap', /Check failed: record of something else/, 'subject'],
    ['cut', /Check failed: the proof cannot be read/, 'form'],
  ];
  for (const [lie, title, check] of cases) {
    test(`turns red and names the check: ${lie}`, async () => {
      server.change = lies[lie];
      const { page, problems, close } = await open(browser, { now: world.now });
      await page.goto(`${url}?lang=en`);
      const state = await verdict(page);
      server.change = null;
      assert.equal(state, 'failed');
      assert.match(await textOf(page, '.band h2'), title);
      assert.ok((await textOf(page, '.lines .no')).includes(`“${check}”`));
      assert.equal(await page.locator('.complete, .ring.yes').count(), 0);
      assert.equal(await page.locator('.quantities, .certificates, .carbon').count(), 0);
      const colour = await page.locator('.band').evaluate((node) => getComputedStyle(node).backgroundColor);
      assert.equal(colour, 'rgb(168, 32, 26)');
      await words(page);
      await picture(page, `${world.name}-failed-${lie}-en-light`);
      assert.deepEqual(await findings(page), []);
      assert.deepEqual(problems, []);
      await close();
    });
  }

  test('tells a missing event apart, on the strip and in the journey', async () => {
    server.change = lies.drop;
    for (const language of ['en', 'zh']) {
      const { page, close } = await open(browser, { now: world.now, colorScheme: 'dark' });
      await page.goto(`${url}?lang=${language}`);
      assert.equal(await verdict(page), 'failed');
      assert.equal(await page.locator('.strip .gone').count(), 1);
      assert.equal(await page.locator('.step.missing').count(), 1);
      const said = await textOf(page, '.band');
      assert.ok(said.includes('25 ') && said.includes('26 '), said);
      await picture(page, `${world.name}-failed-drop-${language}-dark`);
      assert.deepEqual(await findings(page), []);
      await close();
    }
    server.change = null;
  });

  test('keeps the first fingerprint, and fails when the network is another', async () => {
    const { page, close } = await open(browser, { now: world.now });
    await page.goto(`${url}?lang=en`);
    assert.equal(await verdict(page), 'complete');
    server.anchor = (said) => ({ ...said, validators_hash: said.chain });
    // The server now speaks for other validators, with a proof that the known ones did not sign.
    server.change = lies.unsign;
    await page.reload();
    assert.equal(await verdict(page), 'failed');
    assert.match(await textOf(page, '.band h2'), /another network/);
    assert.match(await textOf(page, '.trust'), /knows another fingerprint/);
    // Nor does another name for the network make the browser forget.
    const other = server.anchor;
    server.anchor = (said) => ({ ...other(said), name: 'renamed' });
    await page.reload();
    assert.equal(await verdict(page), 'failed');
    assert.match(await textOf(page, '.trust'), /knows another fingerprint/);
    server.anchor = server.change = null;
    await page.reload();
    assert.equal(await verdict(page), 'complete');
    assert.match(await textOf(page, '.trust'), /has kept the fingerprint/);
    await close();
  });

  test('believes the fingerprint in the link more than the server', async () => {
    const { page, close } = await open(browser, { now: world.now });
    const said = await (await fetch(`http://127.0.0.1:${server.port}/anchor.json`)).json();
    const [chain, hash] = [said.chain, said.validators_hash].map((text) => text.replace(/^0x/, ''));
    await page.goto(`${url}?lang=en&anchor=${chain}.${hash}`);
    assert.equal(await verdict(page), 'complete');
    assert.match(await textOf(page, '.trust'), /in the link/);
    await page.goto(`${url}?lang=en&anchor=${hash}.${hash}`);
    assert.equal(await verdict(page), 'failed');
    assert.match(await textOf(page, '.band h2'), /another network/);
    await close();
  });

  test('works by keyboard, and at 200 % zoom', async () => {
    const { page, close } = await open(browser, { now: world.now, viewport: { width: 195, height: 422 } });
    await page.goto(`${url}?lang=en`);
    await verdict(page);
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(inner <= outer, `${inner} px wide on ${outer}`);
    await picture(page, `${world.name}-zoom-200`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SELECT');
    await page.locator('select').selectOption('zh');
    await page.waitForSelector('html[lang=zh]');
    assert.equal(await page.getAttribute('html', 'lang'), 'zh');
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SELECT');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'second');
    for (const button of ['比对', '保存此记录']) {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.innerText), button);
    }
    await page.goto(url);
    await page.waitForSelector('html[lang=zh]');
    await close();
  });

  test('saves the bytes that it checked', async () => {
    const { page, close } = await open(browser, { now: world.now });
    let sent;
    page.on('response', async (response) => {
      if (response.url().includes('/proof/')) sent = await response.body();
    });
    await page.goto(`${url}?lang=en`);
    await verdict(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Save this record').click()]);
    assert.equal(download.suggestedFilename(), `${world.subject.split('/').pop()}.proof`);
    assert.ok(readFileSync(await download.path()).equals(sent));
    await close();
  });

  test('has no record of a number that nobody recorded', async () => {
    const { page, close } = await open(browser, { now: world.now });
    await page.goto(`http://127.0.0.1:${server.port}/01/09521001000109/21/NOTHING?lang=en`);
    assert.equal(await verdict(page), 'none');
    assert.match(await textOf(page, '.band'), /No record under this number/);
    await close();
  });

  test('leads from the landing page to the record', async () => {
    const { page, problems, close } = await open(browser, { now: world.now });
    await page.goto(`http://127.0.0.1:${server.port}/?lang=en`);
    await page.getByLabel('Number on the label').fill('nonsense');
    await page.keyboard.press('Enter');
    assert.match(await textOf(page, '[role=alert]'), /no number of a label/);
    assert.deepEqual(await findings(page), []);
    const [, , gtin, , serial] = world.subject.split('/');
    await page.getByLabel('Number on the label').fill(`(01)${gtin}(21)${serial}`);
    await picture(page, `${world.name}-landing`);
    await page.keyboard.press('Enter');
    assert.equal(await verdict(page), 'complete');
    assert.deepEqual(problems, []);
    await close();
  });
});

/** Types a second server's address and waits for what the page says of it. */
async function compare(page, address) {
  await page.getByLabel('Compare with another').fill(address);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForSelector('#compared li');
  return textOf(page, '#compared');
}

/** A network whose auditor follows it, and another one of its nodes. */
const live = () => {
  let server;
  before(async () => {
    server = await serve(world.source);
  });
  after(() => server.close());

  test('names the auditor, and agrees with a second node', async () => {
    const { page, problems, close } = await open(browser);
    let said = '';
    for (let round = 0; round < 20 && !/Co-signed by Auditor Observer on/.test(said); ++round) {
      await page.goto(`http://127.0.0.1:${server.port}${world.subject}?lang=en`);
      assert.equal(await verdict(page), 'complete');
      said = await textOf(page, '.trust');
      if (!said.includes('Co-signed')) await page.waitForTimeout(500);
    }
    assert.match(said, /Co-signed by Auditor Observer on/);
    assert.match(await compare(page, process.env.SECOND_URL), /shows the same newest block|agrees (on|up to) block/);
    assert.equal(await page.getAttribute('main', 'data-state'), 'complete');
    await picture(page, 'node-compared-en-light');
    assert.deepEqual(problems, []);
    await close();
  });
};
if (base) describe('the page before a living network', live);

/** Only proofs made here can be in these states. */
const rarer = () => {
  /** Opens the page before a proof of its own and hands it over. */
  async function shown(options, prove, look, { now = told, language = 'en' } = {}) {
    const server = await serve(madeSource(made(options, prove)));
    const { page, problems, close } = await open(browser, { now });
    await page.goto(`http://127.0.0.1:${server.port}${subjectPath}?lang=${language}`);
    const state = await verdict(page);
    await look(page, state, server);
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(problems, []);
    await words(page);
    await close();
    server.close();
  }

  test('recalled', async () => {
    await shown({ recalled: true }, {}, async (page, state) => {
      assert.equal(state, 'recalled');
      assert.match(await textOf(page, '.band'), /Recalled. Stop using it.\s+Serica Loom recalled it on 5 Sept? 2026/);
      assert.match(await textOf(page, '.fact'), /Recall/);
      await picture(page, 'made-recalled-en-light');
    });
  });

  test('recalled shows even when a check fails', async () => {
    await shown({ recalled: true }, {}, async (page, state, server) => {
      server.change = lies.alter;
      await page.reload();
      assert.equal(await verdict(page), 'failed');
      assert.match(await textOf(page, '.fact'), /Recall\s+Yes/);
    });
  });

  test('somebody else says that it is recalled', async () => {
    await shown({ rumour: true }, {}, async (page, state) => {
      assert.equal(state, 'complete');
      assert.match(await textOf(page, '.facts'), /Recall\s+None/);
    });
  });

  test('marks what nobody balanced, and what came from no certified source', async () => {
    await shown({ statement: true, unrooted: true }, {}, async (page, state) => {
      assert.equal(state, 'complete');
      assert.equal(await page.locator('.step .badge').count(), 1);
      assert.match(await textOf(page, '.step:last-child .badge'), /not balanced/);
      assert.match(await textOf(page, '.facts .badge'), /unrooted/);
      await picture(page, 'made-badges-en-light');
    });
    await shown({}, {}, async (page) => assert.equal(await page.locator('.badge').count(), 0));
  });

  test('with a registered owner', async () => {
    await shown({ claimed: true }, {}, async (page, state) => {
      assert.equal(state, 'complete');
      assert.match(await textOf(page, '.facts'), /Registered once/);
      assert.equal(await page.locator('.step').count(), 16);
      assert.match(await textOf(page, '.limits'), /one registered owner/);
    });
  });

  test('partial: only the last leaves', async () => {
    await shown({ observations: 60 }, { last: 50 }, async (page, state) => {
      assert.equal(state, 'partial');
      assert.match(await textOf(page, '.band h2'), /Showing the last 50 of 63 events/);
      await picture(page, 'made-partial-en-light');
    });
  });

  test('long: the strip shows the last forty', async () => {
    await shown({ observations: 60 }, {}, async (page, state) => {
      assert.equal(state, 'complete');
      assert.match(await textOf(page, '.counts'), /last 40 of 86 shown/);
    });
  });

  test('stale: the newest header is old', async () => {
    await shown(
      {},
      {},
      async (page, state) => {
        assert.equal(state, 'stale');
        assert.match(await textOf(page, '.band h2'), /Complete up to 23 Nov 2026, 14:31 UTC; later is unknown/);
        await picture(page, 'made-stale-en-light');
      },
      { now: '2026-11-23T15:31:00Z' },
    );
  });

  test('on a test clock', async () => {
    await shown(
      { testClock: true },
      {},
      async (page, state) => {
        assert.equal(state, 'complete');
        assert.match(await textOf(page, '.clock'), /TEST CLOCK/);
        await picture(page, 'made-test-clock-en-light');
      },
      { now: '2031-01-01T00:00:00Z' },
    );
  });

  test('two finalized blocks of one height', async () => {
    await shown({}, {}, async (page, state, server) => {
      assert.equal(state, 'complete');
      const other = made({ claimed: true });
      server.change = () => other.proofs.get(subjectPath);
      await page.reload();
      assert.equal(await verdict(page), 'failed');
      assert.match(await textOf(page, '.band h2'), /two conflicting blocks/);
    });
  });

  const witnesses = [
    { code: 'AUDIT', byte: 0x51 },
    { code: 'CERTA', byte: 0x52 },
  ];
  const cosigned = witnesses.map(({ byte }, i) => ({ byte, timeMs: Date.parse(told) - 38_000 + i }));

  test('names who co-signed, and when', async () => {
    for (const language of ['en', 'zh']) {
      const look = async (page, state) => {
        assert.equal(state, 'complete');
        const said = await textOf(page, '.trust');
        for (const name of { en: ['Auditor Observer', 'Certa Textile'], zh: ['审计观察员', '瑟塔纺织认证'] }[language])
          assert.ok(said.includes(name), said);
        if (language === 'en') assert.match(said, /Co-signed by Auditor Observer on 23 Nov 2026, 14:31 UTC/);
        await page.locator('.trust').scrollIntoViewIfNeeded();
        await picture(page, `made-witnessed-${language}-light`);
      };
      await shown({ witnesses }, { witnesses: cosigned }, look, { language });
    }
    await shown({ witnesses }, {}, async (page) => {
      assert.match(await textOf(page, '.trust'), /No independent witness/);
    });
  });

  test('turns red over a co-signature of nobody', async () => {
    await shown({ witnesses: [witnesses[0]] }, { witnesses: cosigned }, async (page, state) => {
      assert.equal(state, 'failed');
      assert.match(await textOf(page, '.band h2'), /a co-signature does not hold/);
      assert.ok((await textOf(page, '.lines .no')).includes('“witness”'));
      await picture(page, 'made-failed-witness-en-light');
    });
  });

  test('compares with a second server: the same block, newer, older', async () => {
    const mine = made();
    const later = made({ height: 3_946_874 });
    for (const world of [mine, later]) world.headers = new Map([...mine.headers, ...later.headers]);
    const second = await serve(madeSource(later));
    const host = `127.0.0.1:${second.port}`;
    await shown({}, {}, async (page, _, server) => {
      const same = await serve(madeSource(mine));
      assert.match(await compare(page, `127.0.0.1:${same.port}`), /shows the same newest block, 3,946,871/);
      same.close();
      await page.reload();
      await verdict(page);
      assert.match(await compare(page, `http://${host}/`), /agrees on block 3,946,871 and is 3 blocks newer/);
      assert.equal(await page.getAttribute('main', 'data-state'), 'complete');
      await page.locator('#second').scrollIntoViewIfNeeded();
      await picture(page, 'made-compared-en-light');
      assert.ok(second.requests.includes('/header/3946871') && !server.requests.includes('/header/3946871'));
    });
    const first = await serve(madeSource(later));
    const behind = await serve(madeSource(mine));
    const { page, problems, close } = await open(browser, { now: told });
    await page.goto(`http://127.0.0.1:${first.port}${subjectPath}?lang=en`);
    await verdict(page);
    assert.match(await compare(page, `127.0.0.1:${behind.port}`), /agrees up to block 3,946,871; this server is 3/);
    assert.deepEqual(problems, []);
    await close();
    for (const server of [first, behind, second]) server.close();
  });

  test('compares with a second server: another block of the same height', async () => {
    const other = await serve(madeSource(made({ claimed: true })));
    await shown({}, {}, async (page) => {
      const said = await compare(page, `127.0.0.1:${other.port}`);
      assert.match(said, /shows another block 3,946,871, and both are final. 4 validators signed both: [0-9a-f]{16}/);
      assert.equal(await page.getAttribute('main', 'data-state'), 'failed');
      assert.match(await textOf(page, '.band h2'), /two conflicting blocks/);
      assert.match(await textOf(page, '.trust'), /tally proof accuse/);
      await picture(page, 'made-compared-conflict-en-light');
      const saved = [];
      page.on('download', (download) => saved.push(download.suggestedFilename()));
      await page.getByText('Save this finding').click();
      await page.waitForTimeout(500);
      assert.deepEqual(saved.sort(), ['first.proof', 'second.proof']);
    });
    other.change = lies.alter;
    await shown({}, {}, async (page) => {
      assert.match(await compare(page, `127.0.0.1:${other.port}`), /does not hold, at “event_content”/);
      assert.equal(await page.getAttribute('main', 'data-state'), 'complete');
    });
    other.close();
  });

  test('a server that does not answer', async () => {
    const server = await serve(madeSource(made()));
    const { page, close } = await open(browser, { now: told });
    await page.route('**/proof/**', (route) => route.abort());
    await page.goto(`http://127.0.0.1:${server.port}${subjectPath}?lang=en`);
    assert.equal(await verdict(page), 'unreachable');
    assert.deepEqual(await findings(page), []);
    await close();
    server.close();
  });
};
if (!base) describe('the page in rarer states', rarer);

// SPDX-License-Identifier: Apache-2.0
// A server in front of the page, for tests: the pages from web/ with a proof made here, or, with an upstream address,
// everything from a running node. Either way it may change the proof's bytes on their way, as a lying server would.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

const web = new URL('../../../web/', import.meta.url);
/** As the node sends it (rpc/site.cpp): the page must work under it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' https: http:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

const answerOf = async (response) => ({
  status: response.status,
  type: response.headers.get('content-type') ?? '',
  policy: response.headers.get('content-security-policy'),
  bytes: new Uint8Array(await response.arrayBuffer()),
});

async function fileOf(name) {
  if (!/^[\w./-]+$/.test(name) || name.includes('..'))
    return { status: 404, type: 'text/plain', bytes: new Uint8Array() };
  try {
    const bytes = await readFile(new URL(name, web));
    return { status: 200, type: types[name.split('.').pop()] ?? 'application/octet-stream', policy, bytes };
  } catch {
    return { status: 404, type: 'text/plain', bytes: new Uint8Array() };
  }
}

/**
 * What stands behind the server: {get(path, query)}. `made` is {anchor, proofs: Map path → bytes, headers: Map height →
 * bytes}.
 */
export function madeSource(made) {
  return {
    async get(path) {
      if (path === '/') return fileOf('index.html');
      if (path === '/anchor.json') {
        return { status: 200, type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(made.anchor)) };
      }
      if (path.startsWith('/assets/')) return fileOf(path.slice('/assets/'.length));
      const [, kind, rest] = /^\/(proof|header)(.*)$/.exec(path) ?? [];
      if (!kind) return fileOf('trace.html');
      const bytes = kind === 'proof' ? made.proofs.get(rest) : made.headers?.get(Number(rest.slice(1)));
      return bytes
        ? { status: 200, type: 'application/octet-stream', bytes }
        : { status: 404, type: 'text/plain', bytes: new Uint8Array() };
    },
  };
}

export const upstreamSource = (base) => ({
  get: async (path, query) => answerOf(await fetch(base + path + query, { headers: { accept: 'text/html,*/*' } })),
});

/** {port, change, anchor, requests, close}: `change(bytes)` and `anchor(said)` may be set between page loads. */
export async function serve(source) {
  const state = { change: null, anchor: null, requests: [] };
  const server = createServer(async (request, response) => {
    const { pathname: path, search } = new URL(request.url, 'http://host');
    state.requests.push(path);
    try {
      const answer = await source.get(path, search);
      let { bytes } = answer;
      if (path.startsWith('/proof/') && state.change) bytes = state.change(bytes);
      if (path === '/anchor.json' && state.anchor)
        bytes = Buffer.from(JSON.stringify(state.anchor(JSON.parse(Buffer.from(bytes)))));
      const headers = { 'Content-Type': answer.type, 'Cache-Control': 'no-store' };
      if (/^\/(proof|header)\//.test(path)) headers['Access-Control-Allow-Origin'] = '*';
      if (answer.policy) headers['Content-Security-Policy'] = answer.policy;
      response.writeHead(answer.status, headers);
      response.end(bytes);
    } catch (error) {
      response.writeHead(502);
      response.end(String(error));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  state.port = server.address().port;
  state.close = () => server.close();
  return state;
}

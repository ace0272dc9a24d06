// SPDX-License-Identifier: Apache-2.0
// The landing page: asks for the number on a label and opens its record.

import { el } from './page/dom.js';
import { chooseLanguage, header, rememberLanguage, rememberedLanguage, wordsOf } from './page/words.js';
import { nameOfPath } from './verify/subject.js';

let language = chooseLanguage(location.search, [rememberedLanguage(), ...navigator.languages]);
let words = await wordsOf(language);

/**
 * The path of a record from what people type: a Digital Link, its path, "(01)…(21)…", or a trade item number and a
 * serial number; null for what is none of these.
 */
export function pathOf(typed) {
  const text = typed.trim();
  const bracketed = [...text.matchAll(/\((\d{2,4})\)([^(]+)/g)].flatMap(([, ai, value]) => [
    ai,
    encodeURIComponent(value.trim()),
  ]);
  const pair = /^(\d{8}|\d{12,14})[\s/,;]+(\S+)$/.exec(text);
  const parts = bracketed.length > 0 ? bracketed : pair ? ['01', pair[1], '21', encodeURIComponent(pair[2])] : null;
  const path = parts
    ? '/' + parts.join('/')
    : text
        .replace(/^https?:\/\/[^/]+/, '')
        .replace(/[?#].*$/, '')
        .replace(/^\/*/, '/');
  return /^\/\d{2,4}\//.test(path) && nameOfPath(path) !== null ? path : null;
}

function show() {
  const t = words;
  document.documentElement.lang = language;
  document.title = t.product;
  const field = el('input', {
    id: 'number',
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'hint problem',
  });
  const problem = el('p', { id: 'problem', role: 'alert' });
  const submit = (event) => {
    event.preventDefault();
    const path = pathOf(field.value);
    if (path === null) problem.textContent = t.landing.problem;
    else location.assign(path);
  };
  document
    .getElementById('page')
    .replaceChildren(
      header(t, language, speak),
      el(
        'main',
        {},
        el(
          'section',
          { class: 'facts' },
          el('h1', {}, t.landing.title),
          el(
            'form',
            { class: 'search', onsubmit: submit },
            el('label', { for: 'number' }, t.landing.label),
            field,
            el('p', { id: 'hint', class: 'note' }, t.landing.hint),
            problem,
            el('div', {}, el('button', {}, t.landing.open)),
          ),
        ),
      ),
      el('footer', {}, t.footer),
    );
}

async function speak(code) {
  words = await wordsOf(code);
  language = code;
  rememberLanguage(code);
  show();
  document.querySelector('select').focus();
}

show();

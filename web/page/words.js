// SPDX-License-Identifier: Apache-2.0
// The page's languages, and how each writes numbers, dates, places and names.

import { el } from './dom.js';

/** The languages by their own names. */
export const languages = { en: 'English', zh: '简体中文' };
const locales = { en: 'en-GB', zh: 'zh-Hans-CN' };
const ages = [
  [86400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** The language asked for in the address, else the browser's first that this page speaks. */
export function chooseLanguage(search, preferred) {
  const asked = [new URLSearchParams(search).get('lang'), ...preferred].map((tag) => (tag ?? '').split('-')[0]);
  return asked.find((code) => code in languages) ?? 'en';
}

const storedAs = 'tally.language';

export function rememberedLanguage() {
  try {
    return localStorage.getItem(storedAs);
  } catch {
    return null;
  }
}

/** Without storage the choice holds for this page only. */
export function rememberLanguage(code) {
  try {
    localStorage.setItem(storedAs, code);
  } catch {
    return;
  }
}

/** The page's name and the choice of language; `speak(code)` is called with the choice. */
export function header(t, language, speak) {
  const choose = el('select', { 'aria-label': t.language, onchange: (event) => speak(event.target.value) });
  for (const [code, name] of Object.entries(languages)) {
    choose.append(el('option', { value: code, lang: code, selected: code === language }, name));
  }
  return el('header', {}, el('p', { class: 'brand' }, t.product), el('span', { class: 'language' }, choose));
}

/** The words of a language; only the one that is shown is fetched. */
export const wordsOf = async (code) => (await import(`../i18n/${code}.js`)).default;

/** The formatters `f` of a language. */
export function formatter(code) {
  const locale = locales[code];
  const day = { day: 'numeric', month: 'short', timeZone: 'UTC' };
  const clock = { year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  const dateOf = (options) => new Intl.DateTimeFormat(locale, options);
  const plurals = new Intl.PluralRules(locale);
  const regions = new Intl.DisplayNames(locale, { type: 'region' });
  const digits = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
  return {
    number: (n) => digits.format(n),
    plural: (n, forms) => forms[plurals.select(n)] ?? forms.other,
    list: (items) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(items),
    list2: (items, separator) => items.filter(Boolean).join(separator),
    day: (ms) => dateOf(day).format(ms),
    date: (ms) => dateOf({ ...day, year: 'numeric' }).format(ms),
    time: (ms) => dateOf({ ...day, ...clock }).format(ms) + ' UTC',
    year: (ms) => new Date(ms).getUTCFullYear(),
    country: (region) => (/^[A-Z]{2}$/.test(region) ? regions.of(region) : ''),
    /** In the greatest whole unit: 40 seconds, 3 days. */
    age(ms) {
      const total = Math.max(0, Math.round(ms / 1000));
      const [size, unit] = ages.find(([length]) => total >= length) ?? [1, 'second'];
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
        Math.floor(total / size),
      );
    },
    /** Of names in several languages: this page's, else English, else the first. */
    name(names, otherwise = '') {
      const found = [code, 'en'].map((wanted) => names.find(({ language }) => language.split('-')[0] === wanted));
      return (found[0] ?? found[1] ?? names[0])?.text ?? otherwise;
    },
    party(party) {
      return this.name(party.names, party.short_name);
    },
    /** A quantity with its UN/ECE Rec 20 unit; `t` are the page's words. */
    quantity(value, unit, t) {
      if (unit === 'EA') return t.pieces(this, Number(value));
      const known = { KGM: 'kilogram', GRM: 'gram', LTR: 'liter', MTR: 'meter' }[unit];
      if (!known) return `${digits.format(value)} ${unit}`;
      const unitDisplay = code === 'zh' ? 'long' : 'short';
      const options = { style: 'unit', unit: known, unitDisplay, maximumFractionDigits: 3 };
      return new Intl.NumberFormat(locale, options).format(value).replace(/([0-9])\s*(?=\D+$)/, '$1\u00a0');
    },
  };
}

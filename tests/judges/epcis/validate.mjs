// SPDX-License-Identifier: Apache-2.0
// validate.mjs SCHEMA FOLDER: every document in the folder validates, every kind is there, and what is spoiled is
// refused.
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const kinds = ['produce', 'transform', 'assemble', 'refurbish', 'scrap', 'recycle', 'move', 'inspect', 'aggregate',
  'pack', 'handover', 'disaggregate+handover', 'arrive', 'customs_export', 'customs_import', 'retail_sell', 'return',
  'recall', 'sensors'];
const [schema, folder] = process.argv.slice(2);
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(schema)));
const seen = new Set();
let events = 0;
let wrong = 0;
const complain = (text) => { wrong += 1; console.log(text); };

for (const name of readdirSync(folder)) {
  const document = JSON.parse(readFileSync(join(folder, name)));
  seen.add(name.split('_').slice(1).join('_').replace('.json', ''));
  const list = document.epcisBody.eventList;
  events += list.length;
  if (!validate(document)) complain(`${name}: ${ajv.errorsText(validate.errors).slice(0, 500)}`);
  list[0].eventTime = 'yesterday';
  if (validate(document)) complain(`${name}: spoiled, and still valid`);
}
for (const kind of kinds) if (!seen.has(kind)) complain(`no document of kind ${kind}`);
console.log(`${events} events of ${seen.size} kinds`);
process.exit(wrong === 0 ? 0 : 1);

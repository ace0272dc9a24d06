// SPDX-License-Identifier: Apache-2.0
// The verifier as a module of its own (index.d.ts has its types).

export { Book } from './book.js';
export { eventsOf } from './events.js';
export { compareFinal, evidenceOf, readFinal } from './compare.js';
export { checks, quorumOf, verifyTrace } from './proof.js';
export { stepsOf } from './steps.js';
export { nameOfPath } from './subject.js';

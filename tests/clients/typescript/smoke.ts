/** What a partner's program does with the client that was made, against the service at CALLBOARD. */

import { strict as assert } from 'node:assert';

import { createClient } from './client/client/index.js';
import {
  availabilityList,
  changesList,
  eventsChange,
  eventsList,
  eventsRead,
  eventsRegistrationsCreate,
  registrationsRead,
} from './client/sdk.gen.js';
import type { EventOutput, ProblemOutput, ReceiptOutput, RegistrationInput } from './client/types.gen.js';

const given = JSON.parse(process.env.CALLBOARD ?? '{}') as { address: string; key: string; open: string; full: string };
const anybody = createClient({ baseUrl: given.address, headers: { 'Accept-Language': 'en' } });
const member = createClient({ baseUrl: given.address, auth: given.key, headers: { 'Accept-Language': 'en' } });

async function filteredAndPaged(): Promise<void> {
  const found: EventOutput[] = [];
  let cursor: string | undefined;
  do {
    const query = { kind: 'workshop', has_seats: true, ordering: 'title', page_size: 2, cursor } as const;
    const { data } = await eventsList({ client: anybody, query, throwOnError: true });
    found.push(...data.results);
    cursor = data.next === null ? undefined : (new URL(data.next).searchParams.get('cursor') ?? undefined);
  } while (cursor !== undefined);

  assert.deepEqual(found.map((event) => event.title), ['Camera', 'Lighting', 'Mixing']);
}

async function readAndKept(): Promise<void> {
  const read = await eventsRead({ client: anybody, path: { slug: given.open }, throwOnError: true });
  const etag = read.response.headers.get('ETag') ?? '';
  const again = await eventsRead({ client: anybody, path: { slug: given.open }, headers: { 'If-None-Match': etag } });

  assert.equal(read.data.sessions[0]?.status, 'confirmed');
  assert.equal(read.data.seats_left, 20);
  assert.equal(again.response.status, 304);
}

async function registeredOnce(): Promise<void> {
  const path = { slug: given.open };
  const body: RegistrationInput = { name: '김하늘', email: 'haneul@example.org', language: 'ko' };
  const asked = { client: anybody, path, body, headers: { 'Idempotency-Key': 'one-registration-0001' } };
  const first = await eventsRegistrationsCreate({ ...asked, throwOnError: true });
  const second = await eventsRegistrationsCreate({ ...asked, throwOnError: true });
  const receipt: ReceiptOutput = first.data;
  const own = await registrationsRead({ client: anybody, path: { code: receipt.code }, throwOnError: true });

  assert.equal(first.response.status, 201);
  assert.equal(receipt.status, 'confirmed');
  assert.deepEqual(second.data, receipt);
  assert.equal(second.response.headers.get('Idempotency-Replayed'), 'true');
  assert.equal(own.data.name, '김하늘');
}

async function refused(): Promise<void> {
  const body: RegistrationInput = { name: '이도윤', email: 'doyun@example.org' };
  const full = await eventsRegistrationsCreate({ client: anybody, path: { slug: given.full }, body });
  const wrong = await eventsList({ client: anybody, query: { topic: 'nothing-like-it' } });
  const problems: (ProblemOutput | undefined)[] = [full.error, wrong.error];

  assert.deepEqual(problems.map((problem) => problem && [problem.status, problem.code]), [
    [409, 'event_full'],
    [400, 'invalid_filter'],
  ]);
  assert.equal(wrong.error?.errors[0]?.pointer, '?topic');
}

async function changedAndFollowed(): Promise<void> {
  const path = { slug: given.open };
  const start = await changesList({ client: anybody, query: { since: 0 }, throwOnError: true });
  const seats = await availabilityList({ client: anybody, throwOnError: true });
  const read = await eventsRead({ client: member, path, throwOnError: true });
  const etag = read.response.headers.get('ETag') ?? '';
  const write = { client: member, path, headers: { 'If-Match': etag }, body: { title_en: 'Lighting well' } };
  const written = await eventsChange({ ...write, throwOnError: true });
  const stale = await eventsChange({ ...write, body: { title_en: 'Lighting badly' } });
  const unknown = await eventsChange({ ...write, client: anybody });

  assert.equal(written.data.title, 'Lighting well');
  assert.deepEqual([stale.error?.status, stale.error?.code, unknown.error?.status], [412, 'stale_revision', 401]);

  const delta = await changesList({ client: anybody, query: { since: start.data.version }, throwOnError: true });
  const [first] = delta.data.results;
  assert.ok(first?.type === 'event' && first.object !== null && 'kind' in first.object);
  assert.equal(first.object.title, 'Lighting well');

  const mark = seats.data.mark ?? '';
  const moved = await availabilityList({ client: anybody, query: { since: mark }, throwOnError: true });
  const known = await availabilityList({
    client: anybody,
    query: { since: mark },
    headers: { 'If-None-Match': moved.response.headers.get('ETag') ?? '' },
  });
  const row = moved.data.results.find((one) => one.event === given.open);
  assert.equal(row?.seats_left, 19);
  assert.equal(known.response.status, 304);
}

const steps = [filteredAndPaged, readAndKept, registeredOnce, refused, changedAndFollowed];
for (const step of steps) {
  await step();
  console.log(step.name);
}

/** Three versions of one record: what was read, what stands, and what is asked. */

import type { Fields, Json } from './json.js';

/** Who changed a field since it was read: others, this client, or both, each to something else. */
export type Mark = 'STORED' | 'ASKED' | 'BOTH';

/**
 * By field. `asked`: fields that are to be changed, by the names records have for them.
 *
 * A field that is asked for and not among what was read, or not among what stands, may have been changed by both:
 * nobody can know.
 */
export function marks(base: Fields, stored: Fields, asked: Fields): Record<string, Mark> {
  const found: Record<string, Mark> = {};
  const shared = Object.keys(base).filter((name) => name in stored);
  for (const name of [...new Set([...Object.keys(asked), ...shared])].sort()) {
    if (name === 'id' || name === 'version') continue;
    const read = base[name];
    const stands = stored[name];
    const wanted = asked[name];
    const theirs = read === undefined || stands === undefined || !equal(read, stands);
    if (wanted === undefined) {
      if (theirs) found[name] = 'STORED';
    } else if (!theirs) {
      found[name] = 'ASKED';
    } else if (stands === undefined || !same(stands, wanted)) {
      found[name] = 'BOTH';
    }
  }
  return found;
}

/** The hub keeps texts without blanks around them. */
export function same(one: Json, other: Json): boolean {
  return typeof one === 'string' && typeof other === 'string' ? one.trim() === other.trim() : equal(one, other);
}

function equal(one: Json, other: Json): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, place) => equal(each, other[place]!));
  }
  if (isFields(one) && isFields(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => other[name] !== undefined && equal(one[name]!, other[name]))
    );
  }
  return one === other;
}

function isFields(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Makes of a manifest of an older version, as it was parsed, one of the current version; what it does not say stays out.
 * Every version that was ever released is read for ever, and this is the one place that knows what they were like.
 *
 * 1 to 2: version 2 adds what state operators have by name, and what restores need (`operatorStates`, `dealt`, and
 * `operators` and `foreign` of references). All of it may be left out, so nothing but the number changes.
 */
export function migrateManifest(data: unknown): unknown {
  const version = (data as { version?: unknown } | null)?.version;
  return version === 1 ? { ...(data as object), version: 2 } : data;
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}.`);
  return value;
}

/** Where the hub is, and who asks. */
export const url = needed('GRAPHQL_URL');
export const token = needed('ACCESS_TOKEN');

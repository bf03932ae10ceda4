// Runs every GraphQL-over-HTTP audit of npm graphql-http against one endpoint: node audit.mjs URL [--token TOKEN]
// MAY and SHOULD count like MUST. Exit code: 0 all passed, 1 an audit failed, 2 wrong arguments.
import { parseArgs } from 'node:util';
import { serverAudits } from 'graphql-http';

const AUDIT_TIMEOUT_MS = 10_000;

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { token: { type: 'string' } } });
    if (positionals.length !== 1) throw new Error('give exactly one URL');
    return { url: new URL(positionals[0]).toString(), token: values.token };
  } catch (error) {
    console.error(`${error.message}\nusage: node audit.mjs URL [--token TOKEN]`);
    process.exit(2);
  }
}

// Adds the sign-in token; the rest of the request stays exactly as the audit made it.
function fetchSignedIn(token) {
  return (url, init = {}) => {
    const headers = new Headers(init.headers);
    if (token) headers.set('authorization', `Bearer ${token}`);
    return fetch(url, { ...init, headers, signal: AbortSignal.timeout(AUDIT_TIMEOUT_MS) });
  };
}

async function describe(result) {
  const body = await result.response.text().catch(() => '(body already read)');
  return `${result.reason}\n     HTTP ${result.response.status}, ${result.response.headers.get('content-type')}: ${body.slice(0, 300)}`;
}

const { url, token } = readArguments();
let passed = 0;
let failed = 0;
for (const audit of serverAudits({ url, fetchFn: fetchSignedIn(token) })) {
  // An audit throws when the server cannot be reached or answers something that is not HTTP.
  const result = await audit.fn().catch((error) => ({ status: 'unreachable', error }));
  if (result.status === 'ok') {
    passed += 1;
    continue;
  }
  failed += 1;
  const why = result.error ? `${result.error.message} ${result.error.cause?.message ?? ''}` : await describe(result);
  console.log(`FAIL ${audit.id} ${audit.name}\n     ${why}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Access tokens of a client that proves who it is by its key (private_key_jwt, RFC 7523). */

/** Seconds before its end in which a token is not used any more. */
const EARLY = 30;
const ASSERTION_SECONDS = 60;
/** Seconds, from which a clock is taken to be wrong. */
const WRONG_BY = 5;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };

type Key = JsonWebKey & { kid?: string };

export class Tokens {
  #token = '';
  #ends = 0;
  /** Milliseconds by which the clock of the device is, as the hub has said. */
  #behind = 0;

  /** `issuer`: address of the hub, without a path. `key`: private JWK of the curve P-256. */
  constructor(
    readonly issuer: string,
    readonly clientId: string,
    readonly key: Key,
  ) {}

  get address(): string {
    return `${this.issuer}/oauth/token`;
  }

  /** The token, while it is good. */
  get held(): string | null {
    return performance.now() < this.#ends ? this.#token : null;
  }

  /** Milliseconds of the epoch, as the hub counts them, once it has given a token. */
  now(): number {
    return Date.now() + this.#behind;
  }

  /** Whether the clock was wrong: `date` is the header of an answer that refused a token. */
  corrects(date: string | null): boolean {
    const wrong = date === null ? 0 : Date.parse(date) - this.now();
    if (!(Math.abs(wrong) >= WRONG_BY * 1000)) return false;
    this.#behind += wrong;
    return true;
  }

  /** What is posted for another; each is good once. */
  async form(): Promise<URLSearchParams> {
    const now = Math.floor(this.now() / 1000);
    const jti = crypto.randomUUID();
    const { clientId: iss, issuer: aud } = this;
    const claims = { iss, sub: iss, aud, iat: now, exp: now + ASSERTION_SECONDS, jti };
    const header = { alg: 'ES256', ...(this.key.kid === undefined ? {} : { kid: this.key.kid }) };
    const said = `${encoded(header)}.${encoded(claims)}`;
    const { kty, crv, x, y, d } = this.key as Record<'kty' | 'crv' | 'x' | 'y' | 'd', string>;
    const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, CURVE, false, ['sign']);
    const signed = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes(said));
    return new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: `${said}.${base64url(new Uint8Array(signed))}`,
    });
  }

  take(answer: { access_token: string; expires_in: number }): string {
    this.#token = answer.access_token;
    this.#ends = performance.now() + (answer.expires_in - EARLY) * 1000;
    return this.#token;
  }

  forget(): void {
    this.#ends = 0;
  }
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const encoded = (value: unknown): string => base64url(bytes(JSON.stringify(value)));

function base64url(given: Uint8Array): string {
  return btoa(String.fromCharCode(...given)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

import { usageError } from '../cliError.ts';

/** Where the app is, and the key of its functions. */
export interface Access {
  /** Without a slash at its end and without `/api`. */
  url: string;
  /** Undefined where the app needs none, as on a developer's machine. */
  key: string | undefined;
}

const thisMachine = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Reads `KEEPER_URL` and `KEEPER_KEY`. Throws `CliError`; no message quotes either: a key may have been pasted into the address.
 */
export function readAccess({ KEEPER_URL: url, KEEPER_KEY: key }: NodeJS.ProcessEnv): Access {
  const address = url?.trim();
  if (!address) {
    throw usageError(
      'KEEPER_URL is not set: write the address of the app into it, such as https://contoso-keeper.azurewebsites.net, or http://127.0.0.1:7071 for npm start and npm run host.',
    );
  }
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw usageError(
      'KEEPER_URL is no address: write it with https://, such as https://contoso-keeper.azurewebsites.net',
    );
  }
  const { protocol, hostname, origin, pathname, username, password, search, hash } = new URL(address);
  if ([username, password, search, hash].some((part) => part !== '')) {
    throw usageError(
      'KEEPER_URL holds more than an address: leave out the user name, the password, and what follows ? or #; write the key into KEEPER_KEY.',
    );
  }
  const usable = key?.trim() || undefined;
  if (usable !== undefined && !/^[\x21-\x7e]+$/.test(usable)) {
    throw usageError('KEEPER_KEY holds characters that no key has: copy the key again.');
  }
  if (usable !== undefined && protocol === 'http:' && !thisMachine.includes(hostname)) {
    throw usageError('KEEPER_URL begins with http://, so everybody on the way could read the key: write https://');
  }
  return { url: `${origin}${pathname}`.replace(/\/+$/, '').replace(/\/api$/, ''), key: usable };
}

const storageName = 'module-keeper-key';

/**
 * The function key, kept in memory, and in the storage of the tab only if the user asks for it. It may be in the address (`#code=`
 * or `?code=`), from which it is removed at once, so that neither the history nor a copied address contains it.
 */
export class FunctionKey {
  #key = '';

  constructor() {
    this.#key = sessionStorage.getItem(storageName) ?? '';
    this.takeFromAddress();
  }

  get value(): string {
    return this.#key;
  }

  /** Moves a key from the address into memory. Returns whether the address contained a key. */
  takeFromAddress(): boolean {
    const { hash, search, pathname } = location;
    const key = codeOf(hash) ?? codeOf(search);
    if (key === undefined) return false;
    history.replaceState(null, '', pathname);
    this.set(key, false);
    return key !== '';
  }

  /** Stores the key. With `keep` it survives a reload of this tab. */
  set(key: string, keep: boolean): void {
    this.#key = key;
    if (keep) sessionStorage.setItem(storageName, key);
    else sessionStorage.removeItem(storageName);
  }

  forget(): void {
    this.set('', false);
  }
}

/** Decodes percent signs but leaves `+` unchanged, because the keys of the host are Base64. */
function codeOf(part: string): string | undefined {
  const found = /(?:^[#?]|&)code=([^&]*)/i.exec(part)?.[1];
  if (found === undefined) return undefined;
  try {
    return decodeURIComponent(found);
  } catch (error) {
    if (error instanceof URIError) return found; // a lone percent sign
    throw error;
  }
}

/**
 * Makes this process call the stand-ins directly even if the shell names a proxy: Node's `fetch` (with
 * `NODE_USE_ENV_PROXY`) and the Azure SDKs read these variables before each call.
 */
export function callThisMachineDirectly(): void {
  process.env.no_proxy = 'localhost,127.0.0.1';
  process.env.NO_PROXY = process.env.no_proxy;
}

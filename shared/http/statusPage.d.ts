/** Made of the sources in `page/` when the app is bundled (`scripts/statusPagePlugin.ts`). */
declare module 'virtual:status-page' {
  /** The whole page, with `style` and `script` in it. */
  export const html: string;
  export const style: string;
  export const script: string;
}

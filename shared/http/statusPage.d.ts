/** `scripts/statusPagePlugin.ts` makes this module from the sources in `page/` when it bundles the app. */
declare module 'virtual:status-page' {
  /** The whole page, including `style` and `script`. */
  export const html: string;
  export const style: string;
  export const script: string;
}

/** What of the environment the exporter's libraries read to say where they run; no other setting reaches the thread. */
const passedOn =
  /^(WEBSITE_(SITE_NAME|INSTANCE_ID|HOSTNAME|HOME_STAMPNAME|OWNER_NAME|RESOURCE_GROUP|SLOT_NAME)|REGION_NAME|FUNCTIONS_(WORKER_RUNTIME|EXTENSION_VERSION)|(HTTPS?|ALL|NO)_PROXY)$/i;
const proxyName = /^(https?|all)_proxy$/i;

/** Where telemetry goes if the connection string does not say (@azure/monitor-opentelemetry-exporter). */
const defaultIngestion = 'https://dc.services.visualstudio.com';

/** Ingestion endpoints may send us on to another one of theirs. */
const ingestionDomains =
  '.applicationinsights.azure.com,.applicationinsights.azure.us,.applicationinsights.azure.cn,.services.visualstudio.com';

/** Microsoft's own names for: no statistics on the libraries themselves, no item about the machine. */
const nothingElse = {
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true',
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
  APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED: 'true',
};

/**
 * The environment of the exporter's thread. Its libraries look up remote feature flags too, and know no setting against it
 * (exporter 1.0.0-beta.47): a proxy that does not exist stands before every host but the ingestion endpoint, unless the
 * app has a proxy of its own.
 */
export function exporterEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  connectionString: string,
): Record<string, string> {
  const passed = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => passedOn.test(entry[0]) && Boolean(entry[1])),
  );
  const hasProxy = Object.keys(passed).some((name) => proxyName.test(name));
  const ingestion = /IngestionEndpoint=([^;]+)/i.exec(connectionString)?.[1]?.trim() ?? defaultIngestion;
  return {
    // Without these two the libraries ask the network what kind of machine this is.
    WEBSITE_SITE_NAME: 'module-keeper',
    FUNCTIONS_EXTENSION_VERSION: '~4',
    ...passed,
    ...nothingElse,
    ...(hasProxy
      ? {}
      : { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: `${new URL(ingestion).hostname},${ingestionDomains}` }),
  };
}

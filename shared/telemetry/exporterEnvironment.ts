/** The variables that the exporter libraries read to describe where they run; the thread gets no others. */
const passedNames =
  /^(WEBSITE_(SITE_NAME|INSTANCE_ID|HOSTNAME|HOME_STAMPNAME|OWNER_NAME|RESOURCE_GROUP|SLOT_NAME)|REGION_NAME|FUNCTIONS_(WORKER_RUNTIME|EXTENSION_VERSION)|(HTTPS?|ALL|NO)_PROXY)$/i;
const proxyName = /^(https?|all)_proxy$/i;

/** The default of @azure/monitor-opentelemetry-exporter if the connection string has no `IngestionEndpoint`. */
const defaultIngestion = 'https://dc.services.visualstudio.com';

/** An ingestion endpoint may redirect to another endpoint in these domains. */
const ingestionDomains =
  '.applicationinsights.azure.com,.applicationinsights.azure.us,.applicationinsights.azure.cn,.services.visualstudio.com';

/** Turns off the statistics that the libraries send about themselves, and the item about the machine. */
const onlyOurTelemetry = {
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true',
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
  APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED: 'true',
};

/**
 * Returns the environment of the exporter thread. The libraries also read remote feature flags, and have no setting to
 * prevent it (exporter 1.0.0-beta.47). So every host except the ingestion endpoint gets a proxy that does not exist,
 * unless the app has its own proxy.
 */
export function exporterEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  connectionString: string,
): Record<string, string> {
  const passed = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => passedNames.test(entry[0]) && Boolean(entry[1])),
  );
  const hasProxy = Object.keys(passed).some((name) => proxyName.test(name));
  const ingestion = /IngestionEndpoint=([^;]+)/i.exec(connectionString)?.[1]?.trim() ?? defaultIngestion;
  return {
    // Without these two variables the libraries send requests to find out the type of the machine.
    WEBSITE_SITE_NAME: 'module-keeper',
    FUNCTIONS_EXTENSION_VERSION: '~4',
    ...passed,
    ...onlyOurTelemetry,
    ...(hasProxy
      ? {}
      : { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: `${new URL(ingestion).hostname},${ingestionDomains}` }),
  };
}

/** The columns of the tables of workspace-based Application Insights that our queries read (Azure Monitor's table reference). */
const tables = {
  AppMetrics:
    '(TimeGenerated: datetime, Name: string, Sum: real, ItemCount: int, Min: real, Max: real, Properties: dynamic)',
  AppTraces: '(TimeGenerated: datetime, Message: string, SeverityLevel: int, Properties: dynamic)',
};

interface List<T> {
  Count: number;
  getItem(index: number): T;
}

/** The part of Microsoft's Kusto language service that is used here; its own types describe no module. */
interface KustoLanguage {
  Symbols: {
    TableSymbol: { $ctor7: new (name: string, schema: string, description: null) => object };
    DatabaseSymbol: { ctor: new (name: string, members: object[]) => object };
  };
  GlobalState: { Default: { WithDatabase(database: object): object } };
  KustoCode: {
    ParseAndAnalyze(
      text: string,
      globals: object,
    ): {
      GetDiagnostics(): List<{ Message: string; Start: number }>;
      ResultType: { Columns?: List<{ Name: string; Type: { Name: string } }> } | null;
    };
  };
}

export interface ReadQuery {
  mistakes: string[];
  /** Name and type of each column of the result. */
  columns: Record<string, string>;
}

/** Reads queries as Azure Monitor would: syntax, names and types, against the tables above. */
export function kqlReader(): (query: string) => ReadQuery {
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const { Kusto } = globalThis as unknown as { Kusto: { Language: KustoLanguage } };
  const { Symbols, GlobalState, KustoCode } = Kusto.Language;
  const symbols = Object.entries(tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, null));
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', symbols));
  return (query) => {
    const code = KustoCode.ParseAndAnalyze(query, globals);
    const mistakes = listed(code.GetDiagnostics()).map(({ Message, Start }) => `${Message} (at ${Start})`);
    const columns = code.ResultType?.Columns ? listed(code.ResultType.Columns) : [];
    return { mistakes, columns: Object.fromEntries(columns.map(({ Name, Type }) => [Name, Type.Name])) };
  };
}

function listed<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

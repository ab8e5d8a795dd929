// What a producer says of its patterns and alerts, as `/api/streaming/catalog` answers it; names are the contract's.

export interface CatalogCondition {
  name: string;
  meaning: string;
  context: boolean;
}

export interface CatalogPattern {
  name: string;
  title: string;
  family: string;
  direction: 'bullish' | 'bearish' | 'neutral';
  bars: number;
  meaning: string;
  source: string;
  enabled: boolean;
  conditions: CatalogCondition[];
}

export interface CatalogAlert {
  alert_type: string;
  direction: string;
  meaning: string;
}

/** The entries by the names that events carry. */
export interface Catalog {
  readonly patterns: ReadonlyMap<string, CatalogPattern>;
  readonly alerts: ReadonlyMap<string, CatalogAlert>;
}

/** Before a catalog has come, and for producers that have none: the page makes do with names. */
export const NO_CATALOG: Catalog = { patterns: new Map(), alerts: new Map() };

/** Index an answer; `null` where it is not one. */
export function readCatalog(answer: unknown): Catalog | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { patterns, alerts } = answer as { patterns?: CatalogPattern[]; alerts?: CatalogAlert[] };
  if (!Array.isArray(patterns) || !Array.isArray(alerts)) return null;
  return {
    patterns: new Map(patterns.map((pattern) => [pattern.name, pattern])),
    alerts: new Map(alerts.map((alert) => [alert.alert_type, alert])),
  };
}

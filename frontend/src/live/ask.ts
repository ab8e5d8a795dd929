/** Why a question got no answer: a sentence for the reader. */
export class NoAnswerError extends Error {
  /** @param status the answer's HTTP status; `null` where there was no answer at all */
  constructor(
    message: string,
    readonly status: number | null = null,
  ) {
    super(message);
  }
}

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Ask the dashboard's REST API.
 *
 * @throws NoAnswerError where it does not answer, or answers that it cannot.
 */
export function getJson(address: URL): Promise<unknown> {
  return asked(address, {}, ANSWER_TIMEOUT_MS);
}

/**
 * Have the dashboard do something.
 *
 * @param timeoutMs how long it may take
 * @throws NoAnswerError where it does not answer, or refuses.
 */
export function postJson(address: URL, order: object, timeoutMs = ANSWER_TIMEOUT_MS): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' };
  return asked(address, { method: 'POST', headers, body: JSON.stringify(order) }, timeoutMs);
}

async function asked(address: URL, request: RequestInit, timeoutMs: number): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(address, { ...request, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new NoAnswerError(
      late ? `the dashboard has not answered for ${timeoutMs / 1000} s` : 'the dashboard cannot be reached',
    );
  }
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok && content !== null) return content;
  const said = (content as { error?: unknown } | null)?.error;
  throw new NoAnswerError(
    typeof said === 'string' ? said : `the dashboard answered ${answer.status}`,
    answer.status,
  );
}
